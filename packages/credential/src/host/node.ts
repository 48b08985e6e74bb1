/**
 * What only Node.js, Deno and Bun can do: files, programs, connections with an authority of their own, a loopback listener. Other
 * runtimes get edge.ts, by the conditions of package.json. Every module of the runtime is loaded when it is first needed.
 */
import { misconfigured } from "../errors.ts";
import type { HttpAnswer, HttpRequest } from "../http.ts";

/** Longest file that is read, in bytes: certificates and tokens are smaller. */
const MAX_FILE_BYTES = 1_048_576;
/** How much a program may print, in bytes. */
const MAX_OUTPUT_BYTES = 1_048_576;
/** An Arc challenge file may be at most this long, in bytes (documented by the agent's clients). */
const MAX_CHALLENGE_BYTES = 4096;

export async function readTextFile(path: string): Promise<string> {
  const { readFile, stat } = await import("node:fs/promises");
  if ((await stat(path)).size > MAX_FILE_BYTES) throw new Error("the file is too long");
  return readFile(path, "utf8");
}

/**
 * Reads the secret that an Arc agent left for its own machine's administrators.
 * @returns its content; undefined when the path is not one the agent uses, so that a false agent cannot have other files read.
 * @see https://learn.microsoft.com/azure/azure-arc/servers/managed-identity-authentication
 */
export async function readChallengeFile(path: string): Promise<string | undefined> {
  const { basename, dirname, join } = await import("node:path");
  const folder =
    process.platform === "win32"
      ? join(process.env.ProgramData ?? "C:\\ProgramData", "AzureConnectedMachineAgent", "Tokens")
      : "/var/opt/azcmagent/tokens";
  if (dirname(path) !== folder || !/^[^.].*\.key$/.test(basename(path))) return undefined;
  const { stat } = await import("node:fs/promises");
  if ((await stat(path)).size > MAX_CHALLENGE_BYTES) return undefined;
  return readTextFile(path);
}

export interface ProgramOutcome {
  /** undefined: it was not found. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  readonly isTimedOut: boolean;
}

/** Runs a program of the PATH without a shell, from a folder nobody else writes to. On Windows these are batch files, which need cmd. */
export async function runProgram(
  program: string,
  args: readonly string[],
  options: { timeoutMs?: number | undefined; signal?: AbortSignal; isBatch?: boolean; env?: Record<string, string> },
): Promise<ProgramOutcome> {
  const { execFile } = await import("node:child_process");
  const isWindows = process.platform === "win32";
  const [file, all] = isWindows && options.isBatch ? ["cmd.exe", ["/d", "/c", program, ...args]] : [program, [...args]];
  const cwd = isWindows ? (process.env.SystemRoot ?? "C:\\Windows") : "/bin";
  return new Promise((resolve) => {
    execFile(
      file,
      all,
      {
        cwd,
        encoding: "utf8",
        maxBuffer: MAX_OUTPUT_BYTES,
        windowsHide: true,
        env: { ...process.env, ...options.env },
        ...(options.timeoutMs ? { timeout: options.timeoutMs } : {}),
        ...(options.signal ? { signal: options.signal } : {}),
      },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === "number" ? error.code : undefined;
        const isTimedOut = error?.killed === true && options.signal?.aborted !== true;
        resolve({ code, stdout, stderr, isTimedOut });
      },
    ).stdin?.end();
  });
}

/** @returns what a connection to Entra ID may be signed by: the usual authorities and those of the file, which is the app's own and may be long. */
async function trust(caFile: string): Promise<string[]> {
  const { getCACertificates, rootCertificates } = await import("node:tls");
  const { readFileSync } = await import("node:fs");
  try {
    // Since Node 22.15, with those of NODE_EXTRA_CA_CERTS.
    return [...(getCACertificates?.() ?? rootCertificates), readFileSync(caFile, "utf8")];
  } catch (error) {
    throw misconfigured("", `The CA file ${caFile} cannot be read (${(error as { code?: string }).code}).`);
  }
}

/**
 * Sends one request. By Node's own client where that heeds the proxy variables (24 and later): it starts in half the time of fetch, and
 * takes certificates. Elsewhere fetch, which follows no redirect here, unless `caFile` or `options` ask for what it cannot do.
 * @param caFile a PEM file of authorities that are trusted besides the usual ones.
 */
export async function exchange(
  request: HttpRequest,
  signal: AbortSignal,
  caFile?: string,
  options?: object,
): Promise<HttpAnswer> {
  const { url, ...init } = request;
  const { env, versions } = process;
  const isSecure = url.startsWith("https:");
  const ca = caFile && isSecure && (await trust(caFile));
  // Deno and Bun name a version of Node's too.
  const isNode = !versions.deno && !versions.bun && Number.parseFloat(versions.node) >= 24;
  if (!ca && !options && !isNode) {
    const answer = await fetch(url, { ...init, signal, redirect: "manual" });
    return { status: answer.status, text: await answer.text(), header: (name) => answer.headers.get(name) };
  }
  const { request: open, Agent } = isSecure ? await import("node:https") : await import("node:http");
  const proxy = env.NODE_USE_ENV_PROXY === "1" && { proxyEnv: env };
  const agent = ca && { agent: new Agent({ ca, ...proxy } as object) };
  return new Promise((resolve, reject) => {
    open(url, { ...init, signal, ...agent, ...options }, async (answer) => {
      try {
        let text = "";
        for await (const part of answer.setEncoding("utf8")) text += part;
        resolve({ status: answer.statusCode ?? 0, text, header: (name) => answer.headers[name] as string });
      } catch (error) {
        reject(error);
      }
    })
      .on("error", reject)
      .end(init.body);
  });
}

/** Sends a request to a server whose certificate has the SHA-1 thumbprint, whoever signed it; nothing is sent before that is known. */
export async function sendPinned(thumbprint: string, request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
  const { connect } = await import("node:tls");
  const url = new URL(request.url);
  // Service Fabric's certificate is self-signed; its thumbprint, given by the platform, stands for the chain, and is checked below.
  const socket = connect({ host: url.hostname, port: Number(url.port || 443), rejectUnauthorized: false });
  signal.addEventListener("abort", () => socket.destroy(new Error("aborted")), { once: true });
  await new Promise((resolve, reject) => socket.once("secureConnect", resolve).once("error", reject));
  const found = socket.getPeerCertificate().fingerprint?.replaceAll(":", "").toLowerCase();
  if (found !== thumbprint.replaceAll(":", "").toLowerCase()) {
    socket.destroy();
    throw Object.assign(new Error("not the expected certificate"), { code: "CERT_THUMBPRINT_MISMATCH" });
  }
  return exchange(request, signal, undefined, { createConnection: () => socket });
}

/** @returns a PEM private key as PKCS#8, decrypted with the password. */
export async function decryptPrivateKey(pem: string, password: string): Promise<Uint8Array<ArrayBuffer>> {
  const { createPrivateKey } = await import("node:crypto");
  return new Uint8Array(createPrivateKey({ key: pem, passphrase: password }).export({ type: "pkcs8", format: "der" }));
}

/**
 * Listens on this machine for the browser that comes back from signing in.
 * @param answer makes the page from the query; @param port 0 for any free one.
 * @returns the port, and the query of the first request that has a `code` or an `error`.
 */
export async function receiveRedirect(
  port: number,
  answer: (query: URLSearchParams) => string,
): Promise<{ port: number; query: Promise<URLSearchParams>; close: () => void }> {
  const { createServer } = await import("node:http");
  let resolveQuery: (query: URLSearchParams) => void;
  const query = new Promise<URLSearchParams>((resolve) => {
    resolveQuery = resolve;
  });
  const server = createServer((request, response) => {
    const found = new URL(`http://localhost${request.url ?? "/"}`).searchParams;
    if (!found.has("code") && !found.has("error")) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { "content-type": "text/html; charset=utf-8", connection: "close" }).end(answer(found));
    resolveQuery(found);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(port, "localhost", resolve);
  });
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : port,
    query,
    close: () => server.close(),
  };
}

/** Shows an address in the person's browser; the address holds no secret. */
export async function openBrowser(url: string): Promise<void> {
  const { spawn } = await import("node:child_process");
  const [program, args] =
    process.platform === "win32"
      ? ["rundll32", ["url.dll,FileProtocolHandler", url]]
      : [process.platform === "darwin" ? "open" : "xdg-open", [url]];
  await new Promise<void>((resolve, reject) => {
    const child = spawn(program as string, args as string[], { stdio: "ignore", detached: true });
    child.once("error", reject).once("spawn", () => {
      child.unref();
      resolve();
    });
  });
}
