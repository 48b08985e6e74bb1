/**
 * A mixed load at a steady rate: tokens, directory, roles and blobs, each act undone by a later one, so that what the cloud holds stays the same and
 * only what leaks can grow.
 *
 * Owns: which acts there are, how often each comes, and what their answers must be. May use: test/support.
 */
import { randomUUID } from "node:crypto";
import {
  assignRole,
  createAccount,
  createApp,
  type PlaneClient,
  planeScopes,
  roleIds,
} from "../support/plane-client.ts";

type Act = { readonly name: string; readonly share: number; readonly run: () => Promise<void> };

export type LoadTally = {
  requests: number;
  readonly failures: string[];
  failureCount: number;
  readonly mix: Record<string, number>;
  /** Milliseconds; the newest so many. */
  readonly latencies: number[];
};

/** Failures and latencies kept: bounded, so that the load itself does not grow. */
const keptFailures = 20;
const keptLatencies = 100_000;
/** Objects of each kind that are there at a time. */
const pool = 40;

const account = "soakaccount";
const host = `${account}.blob.core.windows.net`;

/** Makes what the load works on. @returns a function that does one act, chosen by `random`. */
export async function prepareLoad(client: PlaneClient, random: () => number) {
  const tally: LoadTally = { requests: 0, failures: [], failureCount: 0, mix: {}, latencies: [] };
  const accountId = await createAccount(client, "soak", account);
  const app = await createApp(client, "soak app");
  await assignRole(client, randomUUID(), accountId, roleIds.blobDataContributor, app.principalId);
  const blobToken = await client.token(app.appId, app.secret, planeScopes.blob);
  const scope = accountId.slice(0, accountId.indexOf("/providers/"));
  const ask = async (what: string, wanted: number, asked: () => Promise<{ status: number; text: string }>) => {
    const started = performance.now();
    const { status, text } = await asked().catch((cause: Error) => ({ status: 0, text: String(cause) }));
    tally.latencies[tally.requests % keptLatencies] = performance.now() - started;
    tally.requests += 1;
    tally.mix[what] = (tally.mix[what] ?? 0) + 1;
    if (status === wanted) return text;
    tally.failureCount += 1;
    if (tally.failures.length < keptFailures) tally.failures.push(`${what}: ${status} ${text.slice(0, 200)}`);
    return "";
  };
  const blob = (method: string, name: string, body?: string) =>
    client.send(host, method, `/soak${name}`, {
      headers: { authorization: `Bearer ${blobToken}`, "x-ms-version": "2023-11-03", "x-ms-blob-type": "BlockBlob" },
      ...(body === undefined ? {} : { body }),
    });
  await blob("PUT", "?restype=container");
  const apps: string[] = [];
  const roles: string[] = [];
  const body = "a soaked line of text\n".repeat(200);
  for (let index = 0; index < pool; index++) await blob("PUT", `/b${index}`, body);
  const acts: readonly Act[] = [
    {
      ...{ name: "token", share: 25 },
      run: async () => void (await ask("token", 200, () => client.askToken(app.appId, app.secret, planeScopes.arm))),
    },
    {
      ...{ name: "list applications", share: 8 },
      run: async () =>
        void (await ask("list applications", 200, () => client.call("graph", "GET", "/v1.0/applications?$top=20"))),
    },
    {
      ...{ name: "make or remove an application", share: 12 },
      run: async () => {
        const old = apps.length >= pool ? apps.shift() : undefined;
        if (old === undefined) {
          const made = await ask("make an application", 201, () =>
            client.call("graph", "POST", "/v1.0/applications", { displayName: `soak ${randomUUID()}` }),
          );
          if (made !== "") apps.push((JSON.parse(made) as { id: string }).id);
          return;
        }
        await ask("remove an application", 204, () => client.call("graph", "DELETE", `/v1.0/applications/${old}`));
        await ask("remove it for good", 204, () =>
          client.call("graph", "DELETE", `/v1.0/directory/deletedItems/${old}`),
        );
      },
    },
    {
      ...{ name: "list assignments", share: 5 },
      run: async () =>
        void (await ask("list assignments", 200, () =>
          client.call(
            "arm",
            "GET",
            `${scope}/providers/Microsoft.Authorization/roleAssignments?api-version=2022-04-01`,
          ),
        )),
    },
    {
      ...{ name: "give or take a role", share: 10 },
      run: async () => {
        const old = roles.length >= pool ? roles.shift() : undefined;
        if (old !== undefined) {
          const target = `${scope}/providers/Microsoft.Authorization/roleAssignments/${old}?api-version=2022-04-01`;
          await ask("take a role", 200, () => client.call("arm", "DELETE", target));
          return;
        }
        const name = randomUUID();
        await ask("give a role", 201, () => assignRole(client, name, scope, roleIds.reader, randomUUID()));
        roles.push(name);
      },
    },
    {
      ...{ name: "write a blob", share: 12 },
      run: async () =>
        void (await ask("write a blob", 201, () => blob("PUT", `/b${Math.floor(random() * pool)}`, body))),
    },
    {
      ...{ name: "read a blob", share: 24 },
      run: async () => void (await ask("read a blob", 200, () => blob("GET", `/b${Math.floor(random() * pool)}`))),
    },
    {
      ...{ name: "list blobs", share: 4 },
      run: async () => void (await ask("list blobs", 200, () => blob("GET", "?restype=container&comp=list"))),
    },
  ];
  const shares = acts.reduce((sum, { share }) => sum + share, 0);
  const act = (): Promise<void> => {
    let left = random() * shares;
    for (const one of acts) {
      left -= one.share;
      if (left < 0) return one.run();
    }
    return acts[0]!.run();
  };
  return { act, tally };
}
