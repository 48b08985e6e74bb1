/** Writes a benchmark's section of docs/benchmarks.md, between its own markers, and its plot as SVG. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export type Chart = {
  readonly title: string;
  readonly bars: readonly { readonly name: string; readonly value: number }[];
};

export type Section = {
  /** File-name part; marks the section in the page. */
  readonly id: string;
  readonly title: string;
  /** Markdown. */
  readonly text: string;
  readonly charts: readonly Chart[];
};

const docs = join(import.meta.dirname, "..", "docs");
const page = join(docs, "benchmarks.md");

export function writeSection(section: Section): void {
  mkdirSync(join(docs, "images"), { recursive: true });
  const image = `images/bench-${section.id}.svg`;
  writeFileSync(join(docs, image), drawCharts(section.charts));
  const begin = `<!-- ${section.id} -->`;
  const end = `<!-- /${section.id} -->`;
  const body = `${begin}\n## ${section.title}\n\n${section.text}\n\n![${section.title}](${image})\n${end}`;
  const before = readPage();
  const at = before.indexOf(begin);
  const after =
    at < 0
      ? `${before.trimEnd()}\n\n${body}\n`
      : before.slice(0, at) + body + before.slice(before.indexOf(end) + end.length);
  writeFileSync(page, after);
}

function readPage(): string {
  try {
    return readFileSync(page, "utf8");
  } catch {
    return "# Benchmarks\n\nMade by `npm run bench`; figures are medians, beside the named peers in the same run.\n";
  }
}

const width = 760;
const barHeight = 22;
const labelWidth = 330;

function drawCharts(charts: readonly Chart[]): string {
  let y = 10;
  const parts: string[] = [];
  for (const { title, bars } of charts) {
    parts.push(`<text x="10" y="${y + 16}" font-weight="bold">${escapeText(title)}</text>`);
    y += 26;
    const largest = Math.max(...bars.map(({ value }) => value));
    for (const [index, { name, value }] of bars.entries()) {
      const length = Math.max(1, ((width - labelWidth - 90) * value) / largest);
      const colour = name.startsWith("Postern") ? "#0f6cbd" : "#8a8886";
      parts.push(
        `<text x="${labelWidth - 8}" y="${y + 15}" text-anchor="end">${escapeText(name)}</text>`,
        `<rect x="${labelWidth}" y="${y + 2}" width="${length.toFixed(1)}" height="${barHeight - 6}" fill="${colour}"/>`,
        `<text x="${(labelWidth + length + 6).toFixed(1)}" y="${y + 15}">${value >= 100 ? value.toFixed(0) : value.toPrecision(3)}</text>`,
      );
      y += barHeight + (index === bars.length - 1 ? 14 : 0);
    }
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${y}" font-family="sans-serif" font-size="13"><title>${charts.map(({ title }) => escapeText(title)).join("; ")}</title><rect width="100%" height="100%" fill="white"/>${parts.join("")}</svg>\n`;
}

function escapeText(text: string): string {
  return text.replace(/[&<>]/g, (character) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[character]!);
}
