/** For tests of what is held in memory: V8's collector, which Node hides unless a flag shows it. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");

/**
 * Frees at once what nothing holds any more. Backing stores of buffers may go a turn of the event loop later.
 * @see https://nodejs.org/api/v8.html#v8setflagsfromstringflags
 */
export const collectGarbage = runInNewContext("gc") as () => void;
