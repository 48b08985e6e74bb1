/**
 * @postern/credential beside @azure/identity, taking turns in one run: size, import, first token, cached tokens, memory, and how long a
 * chain with nothing configured takes to say so. Both as an app gets them: built, from node_modules. Writes its part of docs/benchmarks.md.
 */
import { execFile } from "node:child_process";
import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import { loadavg, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { describeMachine, median } from "./measure.ts";
import { writeSection } from "./report.ts";

const rounds = Number(process.env.POSTERN_BENCH_ROUNDS ?? 11);
const root = join(import.meta.dirname, "..");
const peer = {
  version: JSON.parse(readFileSync(join(root, "node_modules/@azure/identity/package.json"), "utf8")).version,
};
const subjects = [
  { name: "Postern", library: "@postern/credential" },
  { name: `@azure/identity ${peer.version}`, library: "@azure/identity" },
] as const;

/** The programs measured; each prints one figure. LIBRARY is given by the environment. */
const programs = {
  importMs: `const t = performance.now(); await import(process.env.LIBRARY); console.log(performance.now() - t);`,
  firstTokenMs: `const t = performance.now();
    const { ClientSecretCredential } = await import(process.env.LIBRARY);
    const credential = new ClientSecretCredential("11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222", "secret");
    await credential.getToken("https://storage.azure.com/.default");
    console.log(performance.now() - t);`,
  cachedPerSecond: `const { ClientSecretCredential } = await import(process.env.LIBRARY);
    const credential = new ClientSecretCredential("11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222", "secret");
    const ask = () => credential.getToken("https://storage.azure.com/.default");
    for (let i = 0; i < 2000; i++) await ask();
    const count = process.env.LIBRARY.startsWith("@azure") ? 5000 : 200000;
    const t = performance.now();
    for (let i = 0; i < count; i++) await ask();
    console.log(count / (performance.now() - t) * 1000);`,
  memoryMiB: `const before = process.memoryUsage().rss;
    const { ClientSecretCredential } = await import(process.env.LIBRARY);
    const credential = new ClientSecretCredential("11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222", "secret");
    await credential.getToken("https://storage.azure.com/.default");
    console.log((process.memoryUsage().rss - before) / 2 ** 20);`,
  emptyChainMs: `const t = performance.now();
    const { DefaultAzureCredential } = await import(process.env.LIBRARY);
    await new DefaultAzureCredential().getToken("https://storage.azure.com/.default").then(() => process.exit(1), () => {});
    console.log(performance.now() - t);`,
};
type Measure = keyof typeof programs;

const token = JSON.stringify({ token_type: "Bearer", access_token: "a.b.c", expires_in: 86_400 });
const scratch = mkdtempSync(join(tmpdir(), "postern-bench-"));
const certificate = join(scratch, "cert.pem");
const key = join(scratch, "key.pem");
const run = promisify(execFile);
await run("openssl", [
  ...["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-days", "2"],
  ...["-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate],
]);
/** Answers at once: tokens, and the discovery document, which @azure/identity reads and we do not. */
const secure = createServer({ key: readFileSync(key), cert: readFileSync(certificate) }, (request, response) => {
  const base = `https://${request.headers.host}${request.url?.split("/").slice(0, 2).join("/")}`;
  const document = {
    issuer: `${base}/v2.0`,
    token_endpoint: `${base}/oauth2/v2.0/token`,
    authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
    jwks_uri: `${base}/discovery/v2.0/keys`,
  };
  const isDiscovery = request.url?.includes("openid-configuration");
  response.writeHead(200, { "content-type": "application/json" }).end(isDiscovery ? JSON.stringify(document) : token);
});
await new Promise<void>((resolve) => secure.listen(0, "localhost", resolve));
const secureAddress = secure.address();
const securePort = typeof secureAddress === "object" && secureAddress !== null ? secureAddress.port : 0;
const discovery = {
  AZURE_AUTHORITY_HOST: `https://localhost:${securePort}`,
  NODE_EXTRA_CA_CERTS: certificate,
};

async function measure(name: Measure, library: string): Promise<number> {
  const file = join(root, `.bench-program-${process.pid}.mjs`);
  // @azure/identity asks Microsoft about an authority that it does not know, unless it is told not to, in code only.
  const known = programs[name].replace('"secret")', '"secret", { disableInstanceDiscovery: true })');
  writeFileSync(file, known);
  const empty = name === "emptyChainMs" ? { PATH: "/nowhere" } : discovery;
  try {
    const { stdout } = await run(process.execPath, [file], { env: { LIBRARY: library, HOME: scratch, ...empty } });
    return Number(stdout.trim().split("\n").at(-1));
  } finally {
    rmSync(file);
  }
}

/** Bytes and packages of a package with everything it brings, as npm installs it. */
function installedSize(library: string, seen = new Set<string>()): { bytes: number; packages: number } {
  const place = (name: string, from: string): string | undefined => {
    for (let folder = from; folder.startsWith(root); folder = dirname(folder)) {
      const found = join(folder, "node_modules", name);
      try {
        readFileSync(join(found, "package.json"));
        return found;
      } catch {}
    }
    return undefined;
  };
  const walk = (name: string, from: string): number => {
    const folder = place(name, from);
    if (folder === undefined || seen.has(folder)) return 0;
    seen.add(folder);
    const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const own = manifest.name.startsWith("@postern/") ? [...manifest.files, "package.json", "README.md"] : ["."];
    const bytes = own.reduce((sum: number, part: string) => sum + folderSize(join(folder, part)), 0);
    return Object.keys(manifest.dependencies ?? {}).reduce((sum, next) => sum + walk(next, folder), bytes);
  };
  const bytes = walk(library, root);
  return { bytes, packages: seen.size };
}

function folderSize(path: string): number {
  const found = lstatSync(path);
  if (!found.isDirectory()) return found.size;
  return readdirSync(path)
    .filter((name) => name !== "node_modules")
    .reduce((sum, name) => sum + folderSize(join(path, name)), 0);
}

/** Bytes of a bundle with one credential: all in one file, and what a bundler that splits loads at the start. */
async function bundleSize(library: string, name: string): Promise<{ oneFile: number; start: number }> {
  const options = {
    stdin: { contents: `import { ${name} } from "${library}"; globalThis.kept = ${name};`, resolveDir: root },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "node",
    write: false,
  } as const;
  const oneFile = (await build(options)).outputFiles[0]!.contents.length;
  const { metafile } = await build({ ...options, splitting: true, outdir: scratch, metafile: true });
  const seen = new Set<string>();
  const bytesFrom = (path: string): number => {
    const output = metafile.outputs[path];
    if (output === undefined || seen.has(path)) return 0;
    seen.add(path);
    const needed = output.imports.filter(({ kind }) => kind === "import-statement");
    return needed.reduce((sum, next) => sum + bytesFrom(next.path), output.bytes);
  };
  const entry = Object.keys(metafile.outputs).find((path) => metafile.outputs[path]!.entryPoint !== undefined);
  return { oneFile, start: bytesFrom(entry!) };
}

const measures = Object.keys(programs) as Measure[];
const figures = subjects.map(() => Object.fromEntries(measures.map((name) => [name, [] as number[]])));
const loads: number[] = [];
for (let round = 0; round < rounds; round++) {
  loads.push(loadavg()[0]!);
  for (const name of measures) {
    if (name === "emptyChainMs" && round >= 5) continue;
    for (const [index, { library }] of subjects.entries()) figures[index]![name]!.push(await measure(name, library));
  }
  console.log(`round ${round + 1}/${rounds}`);
}
secure.close();
secure.closeAllConnections();
rmSync(scratch, { recursive: true, force: true });

const results = await Promise.all(
  subjects.map(async ({ library }, index) => {
    const of = (name: Measure) => median(figures[index]![name]!);
    const { bytes, packages } = installedSize(library);
    const defaultBundle = await bundleSize(library, "DefaultAzureCredential");
    const secretBundle = await bundleSize(library, "ClientSecretCredential");
    return {
      importMs: of("importMs"),
      firstTokenMs: of("firstTokenMs"),
      cachedPerSecond: of("cachedPerSecond"),
      memoryMiB: of("memoryMiB"),
      emptyChainMs: of("emptyChainMs"),
      installedKB: bytes / 1000,
      packages,
      defaultBundleKB: defaultBundle.oneFile / 1000,
      defaultStartKB: defaultBundle.start / 1000,
      secretBundleKB: secretBundle.oneFile / 1000,
      secretStartKB: secretBundle.start / 1000,
    };
  }),
);
const [ours, theirs] = results as [(typeof results)[0], (typeof results)[0]];
const lines: readonly [string, keyof typeof ours, string][] = [
  ["import, ms", "importMs", "under 10"],
  ["import and first token, ms", "firstTokenMs", ""],
  ["cached getToken, a second", "cachedPerSecond", "100,000 or more"],
  ["memory added by import and first token, MiB", "memoryMiB", ""],
  ["import, and a chain with nothing configured fails, ms", "emptyChainMs", "under 1500"],
  ["installed, kB", "installedKB", "under 200"],
  ["packages", "packages", ""],
  ["minified bundle of DefaultAzureCredential, one file, kB", "defaultBundleKB", "under 30"],
  ["the same, what loads at the start, kB", "defaultStartKB", "under 30"],
  ["minified bundle of ClientSecretCredential, what loads at the start, kB", "secretStartKB", "under 8"],
  ["the same in one file, kB", "secretBundleKB", ""],
];
const show = (value: number) => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));
const rows = lines.map(
  ([label, name, goal]) =>
    `| ${label} | ${show(ours[name])} | ${show(theirs[name])} | ${show(theirs[name] / ours[name])} | ${goal} |`,
);
console.log(rows.join("\n"));
const chart = (title: string, name: keyof typeof ours) => ({
  title,
  bars: subjects.map((subject, index) => ({ name: subject.name, value: results[index]![name] })),
});
writeSection({
  id: "credential",
  title: "Credential library for TypeScript",
  text: `\`@postern/credential\` beside \`@azure/identity\`, each measure in a new Node process, the two taking turns in one run; medians of ${rounds} rounds (at most 5 for the empty chain); load average at the start of a round: ${Math.min(...loads).toFixed(1)} to ${Math.max(...loads).toFixed(1)}. Tokens come from a local HTTPS server that answers at once. The last columns: theirs over ours, and what was aimed at; a split bundle leaves the sentences of errors out until something is refused. The empty chain counts the import, because \`@azure/identity\` loads Node's client with it and ours when it first asks. The metadata address is refused at once on this machine; where its packets vanish, the probe adds a second.\n\nMachine: ${describeMachine()}. Command: \`npm run bench -- credential\`.\n\n| | Postern | @azure/identity ${peer.version} | ratio | aim |\n|---|---:|---:|---:|---|\n${rows.join("\n")}`,
  charts: [
    chart("Import, ms", "importMs"),
    chart("Import and first token, ms", "firstTokenMs"),
    chart("Bundle of DefaultAzureCredential, kB", "defaultBundleKB"),
  ],
});
