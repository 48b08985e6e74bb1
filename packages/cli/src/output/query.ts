/**
 * `--query`: JMESPath over a command's answer. May use: @jmespath-community/jmespath, faults.ts.
 * @see https://jmespath.org/specification.html
 * @see https://learn.microsoft.com/cli/azure/use-azure-cli-successfully-query
 */
import { compile, TreeInterpreter } from "@jmespath-community/jmespath";
import { type CliFault, describeError, failure, usageFault } from "../faults.ts";

const REFERENCE = "To learn more about --query, please visit: 'https://learn.microsoft.com/cli/azure/query-azure-cli'";

/** A query that was read and can be run. */
export type Query = (data: unknown) => unknown;

/**
 * Reads a query before the command runs, so that a mistyped one changes nothing. As in az's JMESPath, a literal that is not
 * JSON is a text: old queries say [?name==`rg1`]. @throws CliFault (usage) in az's words.
 */
export function compileQuery(expression: string): Query {
  const tree = attempt(
    () => compile(expression, { enable_legacy_literals: true }),
    (reason) => usageFault(`argument --query: invalid jmespath_type value: '${expression}' (${reason})`, REFERENCE),
  );
  return (data) =>
    attempt(
      () => TreeInterpreter.search(tree, data as never),
      (reason) => failure(`Invalid jmespath query supplied for \`--query\`: ${reason}`, REFERENCE),
    );
}

function attempt<T>(action: () => T, refuse: (reason: string) => CliFault): T {
  try {
    return action();
  } catch (error) {
    throw refuse(describeError(error));
  }
}
