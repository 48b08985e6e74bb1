/**
 * A grammar fuzzer over every plane: takes the operation tables' own sample requests, puts live names into them, breaks them in one to three
 * places and sends them, with an operator's token, a token that may nothing, a broken one or none.
 *
 * Owns: how requests are made and broken, and what no answer may ever be (a 500, a stack trace, something told to one who may not know it).
 */
import { randomUUID } from "node:crypto";
import { connect } from "node:tls";
import type { SurfaceName } from "../../packages/server/src/wire/exchange.ts";
import type { OperationRow, Surface } from "../../packages/server/src/wire/operation.ts";
import {
  type Answer,
  createAccount,
  createApp,
  type PlaneClient,
  planeHosts,
  planeScopes,
} from "../support/plane-client.ts";
import { makeRandom } from "../support/random.ts";
import { bodyTraps, headerTraps, textTraps } from "./fuzz-traps.ts";

/** What stands in a blob, a group's tag and an app's notes, and in no answer to one who may not read those. */
const canary = "kestrel-4471-canary";

type Who = "operator" | "nobody" | "broken" | "none";
type Request = {
  host: string;
  method: string;
  target: string;
  headers: Record<string, string>;
  body: string | undefined;
};
type Names = { readonly account: string; readonly group: string; readonly objectId: string; readonly userId: string };

const hostsOf = (account: string): Readonly<Record<string, string>> => ({
  ...planeHosts,
  blob: `${account}.blob.core.windows.net`,
  portal: "localhost",
  postern: "localhost",
});

export class Fuzzer {
  readonly counts: Record<string, number> = {};
  readonly findings: string[] = [];
  readonly #client: PlaneClient;
  readonly #rows: readonly (readonly [SurfaceName, OperationRow])[];
  readonly #random: () => number;
  readonly #tokens: Record<string, Partial<Record<Who, string>>> = {};
  #names: Names = { account: "", group: "", objectId: "", userId: "" };

  constructor(client: PlaneClient, surfaces: readonly Surface[], seed: number) {
    this.#client = client;
    this.#rows = surfaces
      .filter(({ name }) => name !== "machines")
      .flatMap(({ name, operations }) => operations.map((row) => [name, row] as const))
      // Soft mode lets everyone in and drills make faults: that is what they are for.
      .filter(([, { method, match }]) => method === "GET" || !/softModes|drills|propagation/.test(match));
    this.#random = makeRandom(seed);
  }

  /** Makes what is attacked: an account with a blob, an app, a person, and an app that may nothing. */
  async prepare(): Promise<void> {
    const suffix = randomUUID().replaceAll("-", "").slice(0, 8);
    const [account, group] = [`fuzz${suffix}`, `fuzz-${suffix}`];
    await createAccount(this.#client, group, account);
    const app = await createApp(this.#client, "fuzzed");
    const nobody = await createApp(this.#client, "nobody");
    const groupId = `/subscriptions/${this.#client.status.subscriptionId}/resourceGroups/${group}`;
    await this.#client.must("arm", "PUT", `${groupId}?api-version=2022-09-01`, {
      location: "westeurope",
      tags: { canary },
    });
    await this.#client.must("graph", "PATCH", `/v1.0/applications/${app.objectId}`, { notes: canary });
    for (const plane of ["graph", "arm", "blob"] as const) {
      const operator = await this.#client.operatorToken(plane);
      const weak = await this.#client.token(nobody.appId, nobody.secret, planeScopes[plane]);
      this.#tokens[plane] = { operator, nobody: weak, broken: `${weak.slice(0, -3)}AAA` };
    }
    this.#tokens.postern = this.#tokens.arm!;
    this.#names = { account, group, objectId: app.objectId, userId: app.principalId };
  }

  /** Sends `count` requests, `width` at a time. */
  async run(count: number, width = 8): Promise<void> {
    let left = count;
    const work = async () => {
      while (left > 0) {
        left -= 1;
        await this.#once();
      }
    };
    await Promise.all(Array.from({ length: width }, work));
  }

  async #once(): Promise<void> {
    const [surface, row] = this.#pick(this.#rows);
    const who = this.#pick(["operator", "operator", "nobody", "none", "broken"] as const);
    const request = this.#make(surface, row, who);
    const isRaw = this.#random() < 0.1;
    try {
      const answer = isRaw ? await this.#sendRaw(request) : await this.#send(request);
      this.#judge(surface, who, request, answer);
    } catch (cause) {
      const code = String((cause as NodeJS.ErrnoException).code ?? (cause as Error).message);
      this.#count(`no answer: ${code}`);
      if (code === "ECONNREFUSED") this.findings.push(`the server is gone after ${describe(request)}`);
    }
  }

  #send({ host, method, target, headers, body }: Request): Promise<Answer> {
    return this.#client.send(host, method, target, { headers, ...(body === undefined ? {} : { body }) });
  }

  #make(surface: SurfaceName, row: OperationRow, who: Who): Request {
    const { objectId, userId, group, account } = this.#names;
    const live = (text: string) =>
      text
        .replaceAll("00000000-0000-0000-0000-000000000001", this.#client.status.subscriptionId)
        .replace(/rg1\b/g, group)
        .replace(/account1\b/g, account)
        .replace(/\/(applications)\/[0-9a-f-]{36}/g, `/$1/${objectId}`)
        .replace(/\/(servicePrincipals|users)\/[0-9a-f-]{36}/g, `/$1/${userId}`);
    const isLive = this.#random() < 0.7;
    const token = this.#tokens[surface]?.[who];
    const request: Request = {
      host: hostsOf(account)[surface]!,
      method: row.method,
      target: isLive ? live(row.sample.target) : row.sample.target,
      headers: {
        "x-ms-version": "2023-11-03",
        ...row.sample.headers,
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body: row.sample.body === undefined ? undefined : isLive ? live(row.sample.body) : row.sample.body,
    };
    for (let round = 1 + Math.floor(this.#random() * 3); round > 0; round--) this.#break(request);
    // Deleting what is attacked would leave nothing to attack.
    if (request.method === "DELETE" && this.#random() < 0.9) request.method = "GET";
    request.target = encodeRaw(request.target).slice(0, 9000);
    return request;
  }

  #break(request: Request): void {
    const kind = Math.floor(this.#random() * 8);
    const trap = this.#pick(textTraps);
    const at = Math.floor(this.#random() * (request.target.length + 1));
    if (kind <= 1) request.target = `${request.target.slice(0, at)}${trap}${request.target.slice(at)}`;
    else if (kind === 2)
      request.target = request.target.replace(/[^/?&=]+/g, (part) => (this.#random() < 0.25 ? trap : part));
    else if (kind === 3)
      request.method = this.#pick([
        "GET",
        "HEAD",
        "PUT",
        "POST",
        "PATCH",
        "DELETE",
        "OPTIONS",
        "TRACE",
        "PROPFIND",
        "MERGE",
      ]);
    else if (kind === 4) {
      const [name, value] = this.#pick(headerTraps);
      request.headers[name] = value;
    } else if (kind === 5) request.body = this.#pick(bodyTraps);
    else if (kind === 6) request.body = this.#breakText(request.body ?? this.#pick(bodyTraps), trap);
    else
      request.target = `${request.target}${request.target.includes("?") ? "&" : "?"}${this.#pick(["$filter", "$select", "$orderby", "$expand", "$search", "$top", "comp", "restype", "prefix", "delimiter", "include", "timeout"])}=${trap}`;
  }

  #breakText(text: string, trap: string): string {
    const at = Math.floor(this.#random() * (text.length + 1));
    if (this.#random() < 0.5)
      return text.replace(/"[^"]*"|true|false|\d+/g, (part) => (this.#random() < 0.3 ? JSON.stringify(trap) : part));
    return `${text.slice(0, at)}${trap}${text.slice(at + Math.floor(this.#random() * 4))}`;
  }

  /** The request as bytes over a connection of its own, one of them changed: what no HTTP library would send. */
  #sendRaw({ host, method, target, headers, body = "" }: Request): Promise<Answer> {
    const { "transfer-encoding": _, expect: __, ...rest } = headers;
    const fields = Object.entries({
      host,
      "content-length": String(Buffer.byteLength(body)),
      ...rest,
      connection: "close",
    });
    const bytes = Buffer.from(
      `${method} ${target} HTTP/1.1\r\n${fields.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n${body}`,
    );
    const headEnd = bytes.indexOf("\r\n\r\n");
    bytes[Math.floor(this.#random() * headEnd)] = Math.floor(this.#random() * 256);
    return new Promise((resolve, reject) => {
      const socket = connect({
        host: "127.0.0.1",
        port: Number(new URL(this.#client.status.baseUrl).port),
        servername: "localhost",
        rejectUnauthorized: false,
      });
      const chunks: Buffer[] = [];
      // A changed Content-Length makes the server wait for a body that does not come.
      socket.setTimeout(200, () => socket.destroy());
      socket.on("data", (chunk: Buffer) => chunks.push(chunk));
      socket.on("error", reject);
      socket.on("close", () => {
        const text = Buffer.concat(chunks).toString("latin1");
        resolve({ status: Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0), headers: {}, text });
      });
      socket.on("secureConnect", () => socket.write(bytes));
    });
  }

  #judge(surface: SurfaceName, who: Who, request: Request, { status, text }: Answer): void {
    this.#count(`${surface} ${status}`);
    const tell = (what: string) =>
      this.findings.push(`${what}: ${who} ${describe(request)} -> ${status} ${text.slice(0, 400)}`);
    if (status === 500 || status === 502 || status === 503) tell("a fault of ours");
    // Whoever asked for a backup is told where it lies; nobody else is told where anything does.
    const isOwnBackup = who === "operator" && status === 200 && /^\{"folder":/.test(text);
    const tellsPlace = text.includes(this.#client.status.stateDir) && !isOwnBackup;
    if (/\n\s+at .+:\d+|node:internal|packages\/server|\.ts:\d+/.test(text) || tellsPlace) tell("insides told");
    if (who !== "operator" && text.includes(canary)) tell("told to one who may not know");
    const isPublic = request.method === "OPTIONS" || request.method === "TRACE";
    if (surface === "blob" && who !== "operator" && status >= 200 && status < 300 && !isPublic) tell("let in");
    if (surface === "graph" && (who === "none" || who === "broken") && status < 300 && status > 0 && !isPublic)
      tell("let in");
  }

  #count(what: string): void {
    this.counts[what] = (this.counts[what] ?? 0) + 1;
  }

  #pick<Item>(items: readonly Item[]): Item {
    return items[Math.floor(this.#random() * items.length)]!;
  }
}

/** Node's client refuses bytes outside of ASCII and blanks in a target. */
function encodeRaw(target: string): string {
  return target.replace(/[^\x21-\x7e]/gu, (character) =>
    character.isWellFormed() ? encodeURIComponent(character) : "%ed%a0%80",
  );
}

function describe({ host, method, target, headers, body }: Request): string {
  const { authorization, ...shown } = headers;
  const scheme = authorization?.split(" ")[0] ?? "no token";
  return `${method} ${host}${target.slice(0, 600)} ${JSON.stringify(shown).slice(0, 400)} ${scheme} ${(body ?? "").slice(0, 400)}`;
}
