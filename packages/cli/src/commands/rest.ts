/** `postern rest`: any request, with the right token. @see https://learn.microsoft.com/cli/azure/reference-index#az-rest */
import { writeFile } from "node:fs/promises";
import { defineCommand } from "../command/command.ts";
import { failure } from "../faults.ts";
import { type HttpAnswer, readWhole } from "../http/transport.ts";
import { isObject } from "../output/ordered.ts";
import { findSubscriptionId, openSession, type Session } from "../session.ts";

export const command = defineCommand({
  options: {
    method: {
      kind: "text",
      flags: ["--method", "-m"],
      choices: ["delete", "get", "head", "options", "patch", "post", "put"],
      summary: "HTTP request method. Default: get.",
    },
    url: {
      kind: "text",
      flags: ["--url", "--uri", "-u"],
      summary: "The URL; without a host it is one of Resource Manager's. {subscriptionId} is filled in.",
      required: true,
    },
    headers: { kind: "list", flags: ["--headers"], valueName: "KEY=VALUE", summary: "Headers, or one JSON object." },
    uriParameters: {
      kind: "list",
      flags: ["--uri-parameters", "--url-parameters"],
      valueName: "KEY=VALUE",
      summary: "Query parameters, or one JSON object.",
    },
    body: { kind: "text", flags: ["--body", "-b"], summary: "Request body; @file for a file's text." },
    skipAuthorizationHeader: { kind: "flag", flags: ["--skip-authorization-header"], summary: "Send no token." },
    resource: { kind: "text", flags: ["--resource"], summary: "What the token is for. Default: told by the URL." },
    outputFile: { kind: "text", flags: ["--output-file"], summary: "File for the answer's body." },
  },
  examples: [
    { summary: "Who am I to Graph?", line: "postern rest --url https://graph.microsoft.com/v1.0/organization" },
    {
      summary: "Resource groups",
      line: 'postern rest --url "/subscriptions/{subscriptionId}/resourcegroups?api-version=2024-11-01"',
    },
  ],
  run: async (context, args) => {
    const session = await openSession(context);
    const url = await readUrl(args.url, () => findSubscriptionId(context, session), session);
    for (const [name, value] of Object.entries(readPairs(args.uriParameters))) url.searchParams.append(name, value);
    const headers = lowerKeys(readPairs(args.headers));
    const audience = args.resource ?? findAudience(url, session);
    if (!args.skipAuthorizationHeader && headers.authorization === undefined && url.protocol === "https:") {
      if (audience === undefined) {
        context.notes.warn(
          "Can't derive appropriate Azure AD resource from --url to acquire an access token. " +
            "If access token is required, use --resource to specify the resource",
        );
      } else headers.authorization = `Bearer ${(await session.tokens.get(audience)).accessToken}`;
    }
    const body = args.body === undefined ? undefined : normaliseJson(args.body, headers);
    const target = route(url, session);
    // Blobs, too, which the local door does not serve.
    const answer = await readWhole(session.openStreams())({
      method: (args.method ?? "get").toUpperCase(),
      url: target,
      headers: { ...headers, host: url.host },
      body,
    });
    if (answer.status >= 400) throw failure(`${reasonOf(answer)}(${answer.body})`);
    if (args.outputFile !== undefined) {
      await writeFile(args.outputFile, answer.body);
      return {};
    }
    return readAnswer(answer, (text) => context.notes.warn(text));
  },
});

async function readUrl(text: string, findSubscription: () => Promise<string>, { endpoints }: Session): Promise<URL> {
  const whole = text.includes("://") ? text : endpoints.resourceManagerOrigin + text;
  const filled = whole.includes("{subscriptionId}")
    ? whole.replaceAll("{subscriptionId}", await findSubscription())
    : whole;
  const url = URL.parse(filled);
  if (url === null) throw failure(`Invalid URL '${text}'`);
  return url;
}

/** A token goes to a cloud's own services only. */
function findAudience(url: URL, { endpoints }: Session): string | undefined {
  const audiences = [
    [endpoints.resourceManagerOrigin, endpoints.resourceManagerAudience],
    [endpoints.graphOrigin, endpoints.graphAudience],
    [endpoints.resourceManager, endpoints.resourceManagerAudience],
  ] as const;
  return audiences.find(([origin]) => url.origin === new URL(origin).origin)?.[1];
}

/** The local cloud answers for Azure's names at its own address. */
function route(url: URL, { local, endpoints }: Session): string {
  const isAzures = [endpoints.graphOrigin, endpoints.resourceManagerOrigin].some((origin) => url.origin === origin);
  const isBlob = url.hostname.endsWith(`.blob.${endpoints.storageSuffix}`);
  if (local === undefined || !(isAzures || isBlob)) return url.href;
  return local.status.baseUrl + url.pathname + url.search;
}

/** `a=b c=d`, or one JSON object. */
function readPairs(words: readonly string[] | undefined): Record<string, string> {
  const pairs: [string, string][] = [];
  for (const word of words ?? []) {
    const value = tryJson(word);
    if (isObject(value))
      pairs.push(...Object.entries(value).map(([name, one]) => [name, String(one)] as [string, string]));
    else {
      const mark = word.indexOf("=");
      if (mark < 0) throw failure(`'${word}' is not in the form KEY=VALUE.`);
      pairs.push([word.slice(0, mark), word.slice(mark + 1)]);
    }
  }
  return Object.fromEntries(pairs);
}

function lowerKeys(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** A JSON body is sent as such; anything else as it is. */
function normaliseJson(body: string, headers: Record<string, string>): string {
  const value = tryJson(body);
  if (value === undefined) return body;
  headers["content-type"] ??= "application/json";
  return JSON.stringify(value);
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function reasonOf({ statusText, status }: HttpAnswer): string {
  return statusText || String(status);
}

function readAnswer(answer: HttpAnswer, warn: (text: string) => void) {
  if (answer.body === "") return {};
  const data = tryJson(answer.body);
  if (data !== undefined) return { data };
  warn('Not a json response, outputting to stdout. For binary data suggest use "--output-file" to write to a file');
  return { text: `${answer.body}\n` };
}
