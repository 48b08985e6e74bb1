/** The sign-in pages on a phone and on a desk, by day and by night. */
import { testPages } from "./support/pages-suite.ts";

testPages({ schemes: ["light", "dark"], widthsPx: [360, 1280] });
