/**
 * az's `--ids`: the whole id of a resource in place of its name, group and subscription. With several the command runs for each, one after another.
 *
 * Owns: the option, and what az says where neither is given. May use: command.ts, faults.ts.
 * @see https://learn.microsoft.com/cli/azure/use-azure-cli-successfully-tips#pass-resource-ids
 */
import { CliFault, describeError, failure } from "../faults.ts";
import type { Answer, Command, Context, Option, Words } from "./command.ts";

const idsOption: Option = {
  kind: "list",
  flags: ["--ids"],
  summary: "One or more resource IDs, in place of name, resource group and subscription.",
};

type Arguments = Readonly<Record<string, unknown>>;

/**
 * Gives a command `--ids` beside its `name` and `resourceGroup`.
 * @param resourceType e.g. `Microsoft.Storage/storageAccounts`: the id of anything else is refused; az would take its name for one of these.
 */
export function byResourceId(resourceType: string, command: Command): Command {
  const { name, resourceGroup, ...others } = command.options as Readonly<Record<"name" | "resourceGroup", Option>>;
  const parts = { resourceGroup, name };
  return {
    ...command,
    options: { name: asOptional(name), resourceGroup: asOptional(resourceGroup), ...others, ids: idsOption },
    run: async (context, { ids, ...args }, words) => {
      const given = Object.entries(parts).filter(([part]) => args[part] !== undefined);
      if (ids === undefined) {
        requireParts(parts, args);
        return command.run(context, args, words);
      }
      for (const [, { flags }] of given)
        context.notes.warn(`option '${flags[0]}' will be ignored due to use of '--ids'.`);
      if (context.globals.subscription !== undefined)
        context.notes.warn("option '--subscription' will be ignored due to use of '--ids'.");
      const runs = (ids as readonly string[]).map((id) => ({ id, ...readId(id, resourceType) }));
      return runEach(command, context, { args, words }, runs);
    },
  };
}

function asOptional(option: Option): Option {
  const { required: _, ...rest } = option;
  return rest;
}

/** @throws CliFault (failure, as in az, where other missing arguments are usage). */
function requireParts(parts: Readonly<Record<string, Option>>, args: Arguments): void {
  const missing = Object.entries(parts).filter(([part, { required }]) => required === true && args[part] === undefined);
  if (missing.length === 0) return;
  throw failure(`(${missing.map(([, { flags }]) => flags[0]).join(" ")} | --ids) are required`);
}

type Run = {
  readonly id: string;
  readonly subscription: string;
  readonly resourceGroup: string;
  readonly name: string;
};

/** @throws CliFault (failure) for what is no id, or another resource's. */
function readId(id: string, resourceType: string): Omit<Run, "id"> {
  const [start, subscriptions, subscription, groups, resourceGroup, providers, namespace, type, name, ...more] =
    id.split("/");
  const words = [subscriptions, groups, providers].map((word) => word?.toLowerCase()).join("/");
  const isId = start === "" && words === "subscriptions/resourcegroups/providers" && more.length === 0;
  if (!isId || !subscription || !resourceGroup || !name) throw failure(`invalid resource ID: ${id}`);
  if (`${namespace}/${type}`.toLowerCase() !== resourceType.toLowerCase())
    throw failure(`invalid resource ID: ${id}`, `It must be one of ${resourceType}.`);
  return { subscription, resourceGroup, name };
}

/** As az does: what fails is said, and is a failure of the command only where nothing succeeds. */
async function runEach(
  command: Command,
  context: Context,
  { args, words }: { readonly args: Arguments; readonly words: Words },
  runs: readonly Run[],
): Promise<Answer> {
  const answers: Answer[] = [];
  const faults: { readonly id: string; readonly fault: unknown }[] = [];
  for (const { id, subscription, resourceGroup, name } of runs) {
    const globals = { ...context.globals, subscription };
    try {
      answers.push(await command.run({ ...context, globals }, { ...args, resourceGroup, name }, words));
    } catch (fault) {
      if (!(fault instanceof CliFault)) throw fault;
      faults.push({ id, fault });
    }
  }
  const [first, ...rest] = faults;
  for (const { id, fault } of answers.length > 0 ? faults : rest)
    context.notes.warn(`${id}: "${describeError(fault)}"`);
  if (answers.length === 0 && first !== undefined) throw first.fault;
  const data = answers.map((answer) => answer.data).filter((one) => one !== undefined);
  return data.length === 0 ? {} : { data: answers.length === 1 && runs.length === 1 ? data[0] : data };
}
