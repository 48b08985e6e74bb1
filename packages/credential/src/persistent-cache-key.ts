/**
 * The key of the persistent caches, from where the system keeps secrets: the Secret Service by `secret-tool` (Linux), the keychain by
 * `security` (macOS), DPAPI by PowerShell (Windows). Made at first use. It goes through pipes only, never through arguments.
 * @see https://specifications.freedesktop.org/secret-service/latest/
 * @see https://learn.microsoft.com/dotnet/api/system.security.cryptography.protecteddata
 */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { dirname, join } from "node:path";
import { cachePath, changeFile, readFileOfOurs, withLock } from "./persistent-cache-file.ts";

const SERVICE = "postern-credential";
const ACCOUNT = "cache-key";
const KEY_BYTES = 32;
/** How long a system's tool may take, in milliseconds: a person may have to unlock the store. */
const TOOL_TIMEOUT_MS = 60_000;

interface Ran {
  /** undefined: the program is not here. */
  readonly code: number | undefined;
  readonly stdout: string;
}

function run(program: string, args: readonly string[], input = ""): Promise<Ran> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      stdio: ["pipe", "pipe", "ignore"],
      timeout: TOOL_TIMEOUT_MS,
      windowsHide: true,
    });
    let stdout = "";
    child.stdout.setEncoding("utf8").on("data", (part: string) => {
      stdout += part;
    });
    child.once("error", () => resolve({ code: undefined, stdout: "" }));
    child.once("close", (code) => resolve({ code: code ?? 1, stdout }));
    // A tool that ended already does not read; what it answered counts.
    child.stdin.on("error", () => {}).end(input);
  });
}

/** @returns the key that the text is, or undefined for anything else. */
function readKey(text: string): Buffer | undefined {
  const key = Buffer.from(text.trim(), "base64");
  return key.length === KEY_BYTES ? key : undefined;
}

/** A system's store of secrets. */
interface KeyStore {
  readonly missing: string;
  read(): Promise<Ran>;
  /** @param key as base64. */
  write(key: string): Promise<Ran>;
}

const secretService: KeyStore = {
  missing: "secret-tool and a running Secret Service are needed (Debian: libsecret-tools, gnome-keyring)",
  read: () => run("secret-tool", ["lookup", "service", SERVICE, "account", ACCOUNT]),
  write: (key) => run("secret-tool", ["store", `--label=${SERVICE}`, "service", SERVICE, "account", ACCOUNT], key),
};

const keychain: KeyStore = {
  missing: "the keychain did not give or take a key",
  read: () => run("security", ["find-generic-password", "-s", SERVICE, "-a", ACCOUNT, "-w"]),
  // As a command on its input: arguments are seen by every program of the machine.
  write: (key) => run("security", ["-i"], `add-generic-password -s ${SERVICE} -a ${ACCOUNT} -w "${key}"\n`),
};

/** DPAPI keeps nothing: what it protects for this user is kept in a file. */
const dataProtection: KeyStore = {
  missing: "DPAPI did not answer",
  async read() {
    const kept = await readFileOfOurs(SERVICE, keyPath());
    return kept === undefined ? { code: 1, stdout: "" } : protect("Unprotect", kept.toString());
  },
  async write(key) {
    const { code, stdout } = await protect("Protect", key);
    if (code === 0) await changeFile(SERVICE, keyPath(), () => Buffer.from(stdout.trim()));
    return { code, stdout: "" };
  },
};

const keyPath = () => join(dirname(cachePath("key")), "key.dpapi");

function protect(verb: "Protect" | "Unprotect", base64: string): Promise<Ran> {
  const script = `Add-Type -AssemblyName System.Security
$given = [Convert]::FromBase64String([Console]::In.ReadToEnd())
[Convert]::ToBase64String([Security.Cryptography.ProtectedData]::${verb}($given, $null, 'CurrentUser'))`;
  return run("powershell", ["-NoProfile", "-NonInteractive", "-Command", script], base64);
}

const stores: Readonly<Partial<Record<NodeJS.Platform, KeyStore>>> = {
  linux: secretService,
  darwin: keychain,
  win32: dataProtection,
};

/**
 * Reads the key, or makes one, which one program does while others wait, so that all end with the same.
 * @returns the key, or the reason why the system has none.
 */
export async function findSystemKey(credential: string): Promise<{ key?: Buffer; reason: string }> {
  const store = stores[process.platform];
  if (store === undefined) return { reason: `no store of keys is known for ${process.platform}` };
  const found = await store.read();
  if (found.code === undefined) return { reason: store.missing };
  const key =
    readKey(found.stdout) ??
    (await withLock(credential, cachePath("key"), async () => {
      const others = readKey((await store.read()).stdout);
      if (others !== undefined) return others;
      await store.write(randomBytes(KEY_BYTES).toString("base64"));
      return readKey((await store.read()).stdout);
    }));
  return key === undefined ? { reason: store.missing } : { key, reason: "" };
}
