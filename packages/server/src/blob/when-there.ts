/** As `wire/when-there.ts` has it. */
export { whenThere } from "../wire/when-there.ts";
