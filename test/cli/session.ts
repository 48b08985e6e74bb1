/**
 * One session of commands run twice: by the real az and by ours, each against a fresh cloud of its own, and the two compared.
 *
 * Owns: what a step is, how it is run, and what of its outcome must be equal. May use: ../clients for clouds and az's installation.
 * Ids that a cloud makes up differ between the two: a step names those that later steps need (`keep`), and every other GUID, secret and
 * time is compared by its kind only.
 */
import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { type Cloud, startCloud } from "../clients/cloud.ts";
import { assertSucceeded, execute, type Outcome } from "../clients/execution.ts";
import type { AzInstallation } from "../clients/installed.ts";

/** One command of the session. Words may hold `{name}`, which stands for what an earlier step kept. */
export interface Step {
  readonly words: string;
  /** The exit code both must have. Default: 0. */
  readonly code?: number;
  /** Names for values of the answer, by their path in it: `{ appId: "appId", first: "0.id", whole: "" }`. */
  readonly keep?: Readonly<Record<string, string>>;
  /** Members that are not compared, wherever they are in the answer, each for the reason given beside the step. */
  readonly ignore?: readonly string[];
  /** What is compared when the answer is not JSON. */
  readonly isText?: boolean;
  /** Lists whose order is the service's own choice are compared sorted. */
  readonly isUnordered?: boolean;
  /** The message on stderr is another on purpose: why. */
  readonly ownWords?: string;
}

export type Variables = Map<string, string>;

/** One of the two that run the session. */
export interface Side {
  readonly cloud: Cloud;
  readonly variables: Variables;
  run(words: readonly string[]): Promise<Outcome>;
}

/** Environment variables that `postern run` gives az, once az is signed in as the operator. */
async function launchVariables(cloud: Cloud, az: AzInstallation): Promise<NodeJS.ProcessEnv> {
  const env = { PATH: `${az.path}:${process.env.PATH}` };
  assertSucceeded(await cloud.run(["az", "account", "show", "--output", "none"], { env }));
  const { stdout } = assertSucceeded(await cloud.run(["env", "-0"], { env }));
  return Object.fromEntries(
    stdout
      .split("\0")
      .filter((entry) => entry !== "")
      .map((entry) => [entry.slice(0, entry.indexOf("=")), entry.slice(entry.indexOf("=") + 1)] as const),
  );
}

async function seedVariables(cloud: Cloud): Promise<Variables> {
  const { AZURE_CLIENT_ID, AZURE_CLIENT_SECRET } = await cloud.credentials("operator");
  return new Map([
    ["subscription", cloud.status.subscriptionId],
    ["tenant", cloud.status.tenantId],
    ["operator", AZURE_CLIENT_ID],
    ["operatorSecret", AZURE_CLIENT_SECRET],
    ["work", cloud.workDir],
  ]);
}

/** The real az, with its launcher's environment. */
export async function azSide(az: AzInstallation): Promise<Side> {
  const cloud = await startCloud();
  const env = await launchVariables(cloud, az);
  const variables = await seedVariables(cloud);
  return { cloud, variables, run: (words) => execute(["az", ...words], { cwd: cloud.workDir, env }) };
}

/** Our own command line. */
export async function ownSide(): Promise<Side> {
  const cloud = await startCloud();
  return { cloud, variables: await seedVariables(cloud), run: (words) => cloud.postern(...words) };
}

/** Splits a command line at spaces, but not inside single or double quotes; `{name}` is filled in afterwards, as one word. */
export function splitWords(line: string, variables: Variables): string[] {
  const words = line.match(/(?:[^\s'"]|'[^']*'|"[^"]*")+/g) ?? [];
  return words.map((word) =>
    word
      .replace(/'([^']*)'|"([^"]*)"/g, (_, single: string | undefined, double: string | undefined) => single ?? double!)
      // Inside JSON, which has braces of its own, `@name@` stands for the same.
      .replace(
        /\{([A-Za-z]\w*)\}|@([A-Za-z]\w*)@/g,
        (whole: string, braced: string | undefined, other: string | undefined) => {
          const name = braced ?? other!;
          if (other !== undefined && !variables.has(other)) return whole;
          const value = variables.get(name);
          assert.ok(value !== undefined, `nothing is kept by the name ${name}: ${line}`);
          return value;
        },
      ),
  );
}

/** What of one run of a step is compared. */
export interface Seen {
  readonly code: number | null;
  readonly answer: unknown;
  readonly said: string;
}

/** Runs one step on one side, keeps what it names, and normalises the rest. */
export async function runStep(side: Side, step: Step): Promise<Seen> {
  const words = splitWords(step.words, side.variables);
  const outcome = await side.run(words);
  const answer = step.isText ? outcome.stdout : readJson(outcome);
  for (const [name, path] of Object.entries(step.keep ?? {})) {
    const value = (path === "" ? [] : path.split(".")).reduce<unknown>(
      (at, key) => (at as Record<string, unknown> | undefined)?.[key],
      answer,
    );
    assert.ok(
      typeof value === "string",
      `${step.words}: the answer has no ${path}:\n${outcome.stdout}${outcome.stderr}`,
    );
    side.variables.set(name, value);
  }
  // `--create-cert` leaves a key in the home folder, az's and ours; no step needs it.
  const { fileWithCertAndPrivateKey: left } = (answer ?? {}) as { fileWithCertAndPrivateKey?: string };
  if (left !== undefined) await rm(left, { force: true });
  const normal = normalise(answer, side.variables, new Set(step.ignore));
  return {
    code: outcome.code,
    answer: step.isUnordered && Array.isArray(normal) ? sortByText(normal) : normal,
    said: normaliseText(readComplaint(outcome.stderr), side.variables),
  };
}

function readJson({ stdout }: Outcome): unknown {
  if (stdout.trim() === "") return null;
  try {
    return JSON.parse(stdout);
  } catch {
    return stdout;
  }
}

function sortByText(items: readonly unknown[]): unknown[] {
  return [...items].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

/** What az says of its own making: modules of Debian's package that do not load, what is in preview, what its SDK leaves out. */
const noise = /^ERROR: Error loading command module|is in preview and under development|: Readonly attribute /;

/** az's warnings and its error up to the first empty line: what follows are its hints, which are not ours. */
function readComplaint(stderr: string): string {
  // Two of az's own modules do not load in Debian's package of it; a progress bar ends with a carriage return.
  const lines = stderr.split(/[\r\n]+(?=.)|\n/).filter((line) => !noise.test(line));
  const start = lines.findIndex((line) => line.startsWith("ERROR: "));
  const warnings = lines.filter((line) => line.startsWith("WARNING: "));
  if (start < 0) return warnings.join("\n");
  const rest = lines.slice(start);
  const end = rest.findIndex((line, index) => index > 0 && (line.trim() === "" || isHint(line)));
  return [...warnings, ...rest.slice(0, end < 0 ? undefined : end)].join("\n").trimEnd();
}

/** Lines below an error that tell how to go on: az's own, and ours. */
function isHint(line: string): boolean {
  return /^(Usage: |More: |Did you mean|If |To learn more|Examples from|https:|Commands there are|See |Start |Make |Try |The most similar|Interactive |az |TRACE|To re-authenticate|Allowed|Commands|Run the command)/.test(
    line,
  );
}

const guid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;
const time = /\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})?/g;

/** GUIDs that are the same in every cloud: a role's or a first-party application's. They are in no cloud's own set of ids. */
const wellKnown =
  /^(?:00000003-0000-0000-c000-000000000000|2a2b9908-6ea1-4ae2-8e65-a410df84e7d1|b7e6dc6d-f1e8-4753-8033-0f276bb0955b|ba92f5b4-2d11-453d-a403-e96b0029c9fe|acdd72a7-3385-48ef-bd42-f606fba81ae7|b24988ac-6180-42a0-ab88-20f7382dd24c|8e3af657-a8ff-443c-a75c-2fe8c4bcb635|e1fe6dd8-ba31-4d61-89e7-88639da4683d)$/i;

function normaliseText(text: string, variables: Variables): string {
  let normal = text;
  // The longest first: a resource's id holds its subscription's.
  const known = [...variables].filter(([, value]) => value.length > 7).sort((a, b) => b[1].length - a[1].length);
  for (const [name, value] of known) normal = normal.replaceAll(value, `{${name}}`);
  return normal
    .replace(guid, (found) => (wellKnown.test(found) ? found : "<guid>"))
    .replace(time, "<time>")
    .replace(/https:\/\/localhost:\d+/g, "<base>")
    .replace(/0x[0-9A-F]{14,16}/g, "<etag>")
    .replace(/S-1-12-1(?:-\d+){4}/g, "<sid>")
    .replace(/(RequestId:|Time:)\S+/g, "$1<varies>")
    .replaceAll("postern ", "az ");
}

function normalise(value: unknown, variables: Variables, ignored: ReadonlySet<string>): unknown {
  if (typeof value === "string") return normaliseText(value, variables);
  if (Array.isArray(value)) return value.map((item) => normalise(item, variables, ignored));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      normaliseText(key, variables),
      ignored.has(key) ? "<not compared>" : normalise(member, variables, ignored),
    ]),
  );
}
