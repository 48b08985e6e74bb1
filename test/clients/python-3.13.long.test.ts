/** Debian 13's Azure SDK for Python. */
import { python313 } from "./installed.ts";
import { testPython } from "./python-suite.ts";

testPython(python313);
