/**
 * A real Chromium for tests: headless, with a home folder of its own that goes with it, and a trust of its own: it takes Postern's certificates
 * because Postern's CA stands in its own certificate store, as a person would have put it there, and checks them like any others.
 *
 * Owns: finding, starting and ending the browser. May use: playwright-core, NSS's certutil, node's own modules; nothing of packages/.
 */
import { execFileSync } from "node:child_process";
import { createHash, X509Certificate } from "node:crypto";
import { accessSync, constants, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { type BrowserContext, chromium, type Page } from "playwright-core";

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

function findProgram(candidates: readonly string[]): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  return candidates.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const chromiumPath = findProgram(names);

/** A `skip` for node:test: false when there is a Chromium, else why there is none. */
export const chromiumSkip: false | string =
  chromiumPath === undefined
    ? "Chromium is not installed here; test/debian/install.sh base installs it (Debian: apt-get install chromium)"
    : false;

/** What the browser must know of the server under test: members of run/status.json. */
export type BrowsedServer = { readonly stateDir: string; readonly proxyUrl: string };

export type WindowOptions = {
  readonly widthPx?: number;
  readonly heightPx?: number;
  readonly isDark?: boolean;
};

/** One person's window: cookies and storage of its own. */
export type Window = {
  readonly page: Page;
  readonly context: BrowserContext;
  /**
   * What the browser complained about since the last call: errors and warnings on the console (violations of a content security policy among
   * them), and exceptions that nobody caught.
   */
  takeComplaints(): readonly string[];
  close(): Promise<void>;
};

export type TestBrowser = {
  open(options?: WindowOptions): Promise<Window>;
  close(): Promise<void>;
};

/** How long any one wait for the page may last, in milliseconds: far above what a loaded machine needs. */
const timeoutMs = 30_000;

/**
 * Starts a browser that trusts this one server. `https://localhost:PORT` is reached directly, Azure's own host names through the server's
 * proxy, and anything else is refused there when the server is offline.
 */
export async function startBrowser(server: BrowsedServer): Promise<TestBrowser> {
  if (chromiumPath === undefined) throw new Error(String(chromiumSkip));
  const home = mkdtempSync(join(tmpdir(), "postern-browser-"));
  const remove = () => rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  try {
    const { XDG_CONFIG_HOME: _, XDG_DATA_HOME: __, XDG_CACHE_HOME: ___, ...environment } = process.env;
    const browser = await chromium.launch({
      executablePath: chromiumPath,
      // As root Chromium does not start inside its sandbox. The pages are the test's own.
      chromiumSandbox: process.getuid?.() !== 0,
      args: trustOnly(home, join(server.stateDir, "ca")),
      proxy: { server: server.proxyUrl },
      env: { ...environment, HOME: home },
    });
    return {
      open: async (options = {}) => openWindow(await browser.newContext(contextOptions(options))),
      close: async () => {
        await browser.close();
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}

/**
 * Makes the CA one that this browser trusts. Without certutil the server's own keys are what it trusts instead, whatever their certificates say.
 * @returns the arguments this needs.
 */
function trustOnly(home: string, caFolder: string): string[] {
  const certutil = findProgram(["certutil"]);
  if (certutil === undefined) {
    const hashes = ["leaf.pem", "names.pem"].map((file) => {
      const { publicKey } = new X509Certificate(readFileSync(join(caFolder, file)));
      return createHash("sha256")
        .update(publicKey.export({ type: "spki", format: "der" }))
        .digest("base64");
    });
    return [`--ignore-certificate-errors-spki-list=${hashes.join(",")}`];
  }
  const store = join(home, ".pki", "nssdb");
  mkdirSync(store, { recursive: true, mode: 0o700 });
  const run = (...args: string[]) => execFileSync(certutil, ["-d", `sql:${store}`, ...args], { stdio: "pipe" });
  run("-N", "--empty-password");
  run("-A", "-n", "postern", "-t", "C,,", "-i", join(caFolder, "ca.pem"));
  return [];
}

function contextOptions({ widthPx = 1280, heightPx = 800, isDark = false }: WindowOptions) {
  const colorScheme = isDark ? ("dark" as const) : ("light" as const);
  return { viewport: { width: widthPx, height: heightPx }, colorScheme, locale: "en-US" };
}

async function openWindow(context: BrowserContext): Promise<Window> {
  context.setDefaultTimeout(timeoutMs);
  let complaints: string[] = [];
  context.on("console", (message) => {
    const type = message.type();
    if (type === "error" || type === "warning") complaints.push(`${type}: ${message.text()}`);
  });
  context.on("weberror", (error) => complaints.push(`exception: ${error.error().message}`));
  return {
    context,
    page: await context.newPage(),
    takeComplaints: () => {
      const taken = complaints;
      complaints = [];
      return taken;
    },
    close: () => context.close(),
  };
}
