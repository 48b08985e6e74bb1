/**
 * A person who signs in when a client asks for one: at the page a client opens, or with the code a client shows. The person's own browser is
 * the program programs/person.mjs, run in the client's surroundings.
 * May use: cloud.ts, execution.ts.
 */
import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Cloud, cleanEnvironment } from "./cloud.ts";
import { assertSucceeded, execute, type Outcome, startProgram } from "./execution.ts";

const personProgram = join(import.meta.dirname, "programs", "person.mjs");

export interface Person {
  readonly name: string;
  readonly password: string;
}

/** What the person's browser saw. */
export interface Seen {
  readonly titles: readonly string[];
  /** The origin of the last page. */
  readonly end: string;
  /** The address of the last page, with what is after the `#`. */
  readonly url: string;
}

export function personVariables({ name, password }: Person): NodeJS.ProcessEnv {
  return { PERSON: personProgram, PERSON_NAME: name, PERSON_PASSWORD: password };
}

/** Makes a program that a client can take for a browser: `$BROWSER URL`. @returns its path, and a way to read what it saw. */
export async function makeBrowser(cloud: Cloud, name: string): Promise<{ path: string; seen(): Promise<Seen[]> }> {
  const path = join(cloud.workDir, `browser-${name}`);
  const log = `${path}.log`;
  const command = `exec '${process.execPath}' '${personProgram}' "$1" >/dev/null`;
  await writeFile(path, `#!/bin/sh\nPERSON_LOG='${log}' ${command}\n`);
  await chmod(path, 0o700);
  return {
    path,
    seen: async () =>
      (await readFile(log, "utf8"))
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as Seen),
  };
}

/**
 * Runs a client that shows a code under the launcher; as soon as it has, the person enters it.
 * @param answers more variables of the person's.
 */
export async function runWithCode(
  cloud: Cloud,
  client: readonly string[],
  person: Person,
  env: NodeJS.ProcessEnv = {},
  answers: NodeJS.ProcessEnv = {},
): Promise<{ outcome: Outcome; seen: Seen }> {
  const child = startProgram(cloud.launch(client), { cwd: cloud.workDir, env: cleanEnvironment(env) });
  const parts = { stdout: "", stderr: "" };
  const asked = Promise.withResolvers<{ code: string; page: string } | undefined>();
  for (const name of ["stdout", "stderr"] as const) {
    child[name]!.setEncoding("utf8").on("data", (text: string) => {
      parts[name] += text;
      const code = /code ([A-Z0-9]{9})\b|"userCode": ?"([A-Z0-9]{9})"/.exec(parts[name]);
      const page = /https:\/\/[^\s"]+\/deviceauth/.exec(parts[name]);
      if (code !== null && page !== null) asked.resolve({ code: code[1] ?? code[2]!, page: page[0] });
    });
  }
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  void ended.then(() => asked.resolve(undefined));
  const shown = await asked.promise;
  if (shown === undefined) throw new Error(`no code was shown:\n${parts.stdout}${parts.stderr}`);
  const variables = { ...personVariables(person), ...answers, PERSON_CODE: shown.code };
  // The browser knows nothing of the proxy: the page is reached by its own address.
  const browser = await execute([process.execPath, personProgram, shown.page], {
    cwd: cloud.workDir,
    env: cleanEnvironment({ ...variables, NODE_EXTRA_CA_CERTS: cloud.status.caBundle, NODE_USE_ENV_PROXY: "0" }),
  });
  const seen = JSON.parse(assertSucceeded(browser).stdout) as Seen;
  return { outcome: { command: client.join(" "), code: await ended, ...parts }, seen };
}
