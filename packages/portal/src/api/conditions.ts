/** The reader of conditions, loaded when somebody writes one. */
export { parseCondition } from "@postern/access";
