/**
 * Load of small requests by wrk, a client written in C: on a small machine the client shares the cores with the server, and what it spends is missing
 * there (a client in Node takes a tenth to two thirds more a request). Over connections that are kept, one request at a time on each.
 *
 * wrk looks at no body, so whoever uses this looks at answers by other means, too. @see https://github.com/wg/wrk
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Place } from "./raw-connection.ts";

export type WrkOrder = Place & {
  readonly method: "GET" | "POST" | "PUT";
  /** `{n}`, here and in the headers, is replaced by a number. */
  readonly path: string;
  /** Lines of the head without the first one and without Content-Length. */
  readonly headers: readonly string[];
  readonly body: string;
  /** Which number: drawn anew below `below`, or `first` and those after it, from 0 on when nothing is said. */
  readonly numbers?: { readonly below: number } | { readonly first: number };
  readonly connections: number;
  /** Whole seconds. */
  readonly seconds: number;
};

export type WrkOutcome = {
  readonly answers: number;
  /** Answers of 400 and more, and what went wrong on sockets. */
  readonly failures: number;
  readonly elapsedMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of the client, for one request. */
  readonly clientCpuUs: number;
};

const mark = "{n}";
/** Ids in heads are as long as the longest of their numbers. */
const numberDigits = 12;

/** A text as Lua writes it, any byte of it. */
function luaText(text: string): string {
  return `"${Array.from(Buffer.from(text), (byte) => `\\${byte.toString().padStart(3, "0")}`).join("")}"`;
}

/** The request as pieces with a number between each two. */
function piecesOf({ method, path, headers, body }: WrkOrder): string[] {
  const length = method === "GET" ? [] : [`Content-Length: ${Buffer.byteLength(body)}`];
  return `${[`${method} ${path} HTTP/1.1`, ...headers, ...length].join("\r\n")}\r\n\r\n${body}`.split(mark);
}

function scriptOf(order: WrkOrder): string {
  const { numbers = { first: 0 }, port } = order;
  const [number, width, first] =
    "below" in numbers
      ? [`math.random(0, ${numbers.below - 1})`, "%d", 0]
      : ["next_number()", `%0${numberDigits}d`, numbers.first];
  const pieces = piecesOf(order).map(luaText);
  return `
-- The name is asked for in the handshake, whatever it would resolve to.
function wrk.resolve(host, service)
  wrk.addrs = wrk.lookup("127.0.0.1", "${port}")
end
local number = ${first} - 1
local function next_number()
  number = number + 1
  return number
end
function request()
  ${pieces.length === 1 ? `return ${pieces[0]}` : `local n = string.format("${width}", ${number})\n  return ${pieces.join(" .. n .. ")}`}
end
function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format('\\n{"answers":%d,"failures":%d,"elapsedMs":%f,"p50Ms":%f,"p99Ms":%f,"clientCpuUs":%f}\\n',
    summary.requests, errors.status + errors.connect + errors.read + errors.write + errors.timeout, summary.duration / 1000,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, os.clock() * 1000000 / math.max(1, summary.requests)))
end
`;
}

/**
 * Runs one load to its end.
 * @throws when wrk is not there or a request was refused: a figure of refusals would be no figure.
 */
export async function runWrk(order: WrkOrder): Promise<WrkOutcome> {
  const folder = mkdtempSync(join(tmpdir(), "postern-wrk-"));
  try {
    const script = join(folder, "load.lua");
    writeFileSync(script, scriptOf(order), { mode: 0o600 });
    const url = `${order.isTls ? "https" : "http"}://${order.serverName ?? "localhost"}:${order.port}/`;
    const options = ["-t1", `-c${order.connections}`, `-d${order.seconds}s`, "--timeout", "30s", "-s", script, url];
    const child = spawn("wrk", options, { stdio: ["ignore", "pipe", "inherit"] });
    const output = await new Promise<string>((resolve, reject) => {
      let text = "";
      child.stdout.on("data", (part: Buffer) => {
        text += part;
      });
      child.once("error", () => reject(new Error("wrk is not here: apt-get install wrk")));
      child.once("close", () => resolve(text));
    });
    const line = output.split("\n").find((one) => one.startsWith("{"));
    if (line === undefined) throw new Error(`wrk said something else:\n${output}`);
    const outcome = JSON.parse(line) as WrkOutcome;
    if (outcome.failures > 0) throw new Error(`${outcome.failures} of ${outcome.answers} requests failed`);
    return outcome;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
