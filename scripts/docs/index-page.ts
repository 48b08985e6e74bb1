/** docs/README.md: what there is to read, by the pages' own titles. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What the other pages are for; those that this program makes say so themselves. */
const pages: readonly (readonly [file: string, text: string])[] = [
  [
    "architecture.md",
    "one request followed through the files, the rooms and the rules between them: begin here to change something",
  ],
  ["coverage.md", "what each plane answers, made from the operation tables"],
  ["errors.md", "the errors of each plane with their codes, made from the tables"],
  ["configuration.md", "every setting of the server, made from its table"],
  ["portal.md", "the how-to's steps in the portal, in pictures that a test makes"],
  ["credential-parity.md", "`@postern/credential` beside `@azure/identity`, credential by credential"],
  ["benchmarks.md", "measured figures beside named peers, and how to measure them again"],
  ["faults.md", "what was done to it, and what was lost, made from the records of the runs"],
];

/** @param docs the folder. */
export function indexPage(docs: string): string {
  const known = new Set(["README.md", ...pages.map(([file]) => file)]);
  const forgotten = readdirSync(docs).filter((name) => name.endsWith(".md") && !known.has(name));
  if (forgotten.length > 0) throw new Error(`say what these pages are for: ${forgotten.join(", ")}`);
  return `# Documentation

Made by \`npm run docs\` from the pages' titles. To use Postern, begin with the [README](../README.md).

| page | what it is |
|---|---|
${pages.map(([file, text]) => `| [${file}](${file}) | ${text} |`).join("\n")}

## Guides

${listOf(docs, "guides")}

## Decisions

Why things are as they are, what was given up and what was not chosen. One that was overtaken says so, and by which. Each dependency has [its line of why](decisions/dependencies.md).

${listOf(docs, "decisions", "dependencies.md")}
`;
}

function listOf(docs: string, folder: string, ...left: readonly string[]): string {
  const files = readdirSync(join(docs, folder)).filter((name) => name.endsWith(".md") && !left.includes(name));
  return files
    .sort()
    .map((file) => `- [${titleOf(join(docs, folder, file))}](${folder}/${file})`)
    .join("\n");
}

function titleOf(file: string): string {
  const title = /^# (.+)$/m.exec(readFileSync(file, "utf8"))?.[1];
  if (title === undefined) throw new Error(`${file} has no title`);
  return title;
}
