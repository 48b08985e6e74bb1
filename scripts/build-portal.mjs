/**
 * Builds the portal's `dist/`: scripts split so that each page loads by itself, one style sheet with the colours of both themes, the page that
 * names them, each also compressed, and `files.json`, the list the server answers from. Names hold a hash of the content.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, extname, join, relative } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { webDarkTheme, webLightTheme } from "@fluentui/tokens";
import { build, transform } from "esbuild";

const place = join("packages", "portal");
const assets = "assets";

/** In the order in which they count. */
const styleFiles = ["base", "top-bar", "blades", "lists", "forms", "home", "data", "insight", "widths"];

const types = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** @param root the repository's folder. */
export async function buildPortal(root) {
  const dist = join(root, place, "dist");
  const scripts = await buildScripts(root);
  const files = scripts.outputFiles.map(({ path, contents }) => ({
    path: relative(dist, path),
    content: Buffer.from(contents),
  }));
  const styles = await buildStyles(
    join(root, place),
    files.map(({ content }) => content.toString("utf8")),
  );
  const styleFile = named("portal", ".css", styles);
  const icon = named("icon", ".svg", readFileSync(join(root, place, "src", "icon.svg")));
  const page = Buffer.from(await renderPage(root, scripts.metafile, styleFile.path, icon.path));
  writeFiles(dist, [...files, styleFile, icon, { path: "index.html", content: page }]);
}

function buildScripts(root) {
  return build({
    absWorkingDir: root,
    entryPoints: [join(place, "src", "main.tsx")],
    outdir: join(place, "dist", assets),
    entryNames: "[name]-[hash]",
    chunkNames: "[name]-[hash]",
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "browser",
    conditions: ["postern-source"],
    target: "es2022",
    jsx: "automatic",
    minify: true,
    legalComments: "none",
    logLevel: "warning",
    metafile: true,
    write: false,
    define: { "process.env.NODE_ENV": '"production"' },
  });
}

/** The design tokens that scripts or styles use, for both themes, before our own rules. */
async function buildStyles(folder, scripts) {
  const own = styleFiles.map((name) => readFileSync(join(folder, "src", "styles", `${name}.css`), "utf8")).join("\n");
  const used = new Set(
    [...scripts, own].flatMap((text) => [...text.matchAll(/--([A-Za-z]\w+)/g)].map(([, name]) => name)),
  );
  const declare = (theme) =>
    Object.entries(theme)
      .filter(([name]) => used.has(name))
      .map(([name, value]) => `--${name}:${value};`)
      .join("");
  const light = `:root{color-scheme:light;${declare(webLightTheme)}}`;
  const changed = Object.fromEntries(
    Object.entries(webDarkTheme).filter(([name, value]) => webLightTheme[name] !== value),
  );
  const dark = `color-scheme:dark;${declare(changed)}`;
  const themes = `${light}@media (prefers-color-scheme:dark){:root:not([data-theme="light"]){${dark}}}:root[data-theme="dark"]{${dark}}`;
  const { code } = await transform(`${themes}\n${own}`, { loader: "css", minify: true });
  return Buffer.from(code);
}

function named(name, extension, content) {
  return { path: `${assets}/${name}-${hashOf(content).slice(0, 8)}${extension}`, content };
}

/** The page, with the scripts that its first sight needs told beforehand. */
async function renderPage(root, metafile, style, icon) {
  const entry = Object.entries(metafile.outputs).find(([, { entryPoint }]) => entryPoint?.endsWith("main.tsx"));
  const urlOf = (path) => `/portal/${relative(join(place, "dist"), path)}`;
  const first = entry[1].imports.filter(({ kind }) => kind === "import-statement").map(({ path }) => path);
  // MSAL is asked for by the first script at once: the browser need not read that one to know.
  const msal = Object.keys(metafile.outputs).filter((path) => basename(path).startsWith("msal-"));
  const chunks = [...first, ...msal].map(urlOf);
  const template = readFileSync(join(root, place, "src", "index.html"), "utf8");
  return template
    .replace("{{style}}", `/portal/${style}`)
    .replace("{{icon}}", `/portal/${icon}`)
    .replace("{{script}}", urlOf(entry[0]))
    .replace("{{preloads}}", chunks.map((url) => `<link rel="modulepreload" href="${url}">`).join("\n"));
}

function hashOf(content) {
  return createHash("sha256").update(content).digest("hex").slice(0, 16);
}

function writeFiles(dist, files) {
  const list = files.map(({ path, content }) => {
    const file = join(dist, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length };
    writeFileSync(`${file}.br`, brotliCompressSync(content, { params }));
    writeFileSync(`${file}.gz`, gzipSync(content, { level: 9 }));
    return { path, type: types[extname(path)], hash: hashOf(content), encodings: ["br", "gzip"] };
  });
  // Last: whoever finds the list finds all it names.
  writeFileSync(join(dist, "files.json"), `${JSON.stringify(list, null, 2)}\n`);
}
