/** The sign-in pages on a phone, by day; pages.long.test.ts has the rest. */
import { testPages } from "./support/pages-suite.ts";

testPages({ schemes: ["light"], widthsPx: [360] });
