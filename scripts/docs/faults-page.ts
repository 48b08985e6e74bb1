/** docs/faults.md and its plot: what the harsh tests saw, as their records under test/faults/records say. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type {
  BurdenRecord,
  FuzzRecord,
  HistoryRecord,
  KeptRecord,
  LossRecord,
  SoakRecord,
} from "../../test/faults/record.ts";
import { slopePerHour } from "../../test/soak/slope.ts";

const folder = join(import.meta.dirname, "..", "..", "test", "faults", "records");

function readRecords(): KeptRecord[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .sort();
  return names.map((name) => JSON.parse(readFileSync(join(folder, name), "utf8")) as KeptRecord);
}

const number = (value: number): string => value.toLocaleString("en");
const row = (...cells: readonly (string | number)[]): string =>
  `| ${cells.map((cell) => (typeof cell === "number" ? number(cell) : cell)).join(" | ")} |`;
const link = (source: string): string =>
  `[${source
    .split("/")
    .at(-1)!
    .replace(/\.(long\.)?(test\.)?ts$/, "")}](../${source})`;
const seconds = (ms: number | undefined): string => (ms === undefined ? "" : (ms / 1000).toFixed(1));

function lossTable(records: readonly (LossRecord & KeptRecord)[]): string {
  const rows = records.map((one) =>
    row(
      ...[one.fault, one.times, one.acknowledged, one.lost, one.duplicated, one.putOff, one.putOffButThere],
      ...[one.perSecond, seconds(one.recoveredMs), seconds(one.othersPausedMs), link(one.source)],
    ),
  );
  return [
    row(
      "fault",
      "times",
      "acknowledged",
      "lost",
      "duplicated",
      "put off",
      "of these there",
      "changes a second",
      "at it again after, s",
      "others paused, s",
      "test",
    ),
    "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---|",
    ...rows,
  ].join("\n");
}

function fuzzTable(records: readonly (FuzzRecord & KeptRecord)[]): string {
  const rows = records.map(({ parser, inputs, accepted, refused, roundTrips, cpuMicrosecondsEach, findings }) =>
    row(parser, inputs, accepted, refused, roundTrips === 0 ? "" : roundTrips, cpuMicrosecondsEach, findings),
  );
  const header = row(
    "parser",
    "inputs",
    "accepted",
    "refused",
    "printed and read again",
    "CPU each, µs",
    "findings left",
  );
  return [header, "|---|---:|---:|---:|---:|---:|---:|", ...rows].join("\n");
}

function burdenTable(records: readonly (BurdenRecord & KeptRecord)[]): string {
  const rows = records.map(({ fault, held, figures, source }) => row(fault, held, figures, link(source)));
  return [row("burden", "what held", "figures", "test"), "|---|---|---|---|", ...rows].join("\n");
}

function historyTable(records: readonly (HistoryRecord & KeptRecord)[]): string {
  const rows = records.map(({ what, histories, operations, overlapping, violations, source }) =>
    row(what, histories, operations, overlapping, violations, link(source)),
  );
  const header = row("what", "histories", "operations", "of them overlapping", "violations", "test");
  return [header, "|---|---:|---:|---:|---:|---|", ...rows].join("\n");
}

/** Resident memory over time, as SVG. */
export function soakPlot(): string {
  const soaks = (readRecords().filter((record) => record.section === "soak") as SoakRecord[]).filter(
    ({ liveMiB }) => liveMiB === undefined,
  );
  const longest = Math.max(1, ...soaks.map(({ residentMiB }) => residentMiB.length));
  const [width, height, left, bottom] = [760, 220, 50, 30];
  const top = Math.ceil((Math.max(1, ...soaks.flatMap(({ residentMiB }) => residentMiB)) * 1.15) / 50) * 50;
  const x = (index: number) => left + ((width - left - 10) * index) / Math.max(1, longest - 1);
  const y = (value: number) => height - bottom - ((height - bottom - 10) * value) / top;
  const colours = ["#0f6cbd", "#8a8886", "#107c10"];
  const lines = soaks.map(({ residentMiB }, number) => {
    const points = residentMiB.map((value, index) => `${x(index).toFixed(1)},${y(value).toFixed(1)}`).join(" ");
    return `<polyline points="${points}" fill="none" stroke="${colours[number % colours.length]}" stroke-width="2"/>`;
  });
  const minutes = Math.max(0, ...soaks.map((soak) => soak.minutes));
  const marks = [0, 0.25, 0.5, 0.75, 1].map(
    (share) =>
      `<text x="${(left + (width - left - 10) * share).toFixed(0)}" y="${height - 10}" text-anchor="middle">${Math.round(minutes * share)} min</text>` +
      `<text x="${left - 6}" y="${(y(top * share) + 4).toFixed(0)}" text-anchor="end">${Math.round(top * share)}</text>` +
      `<line x1="${left}" x2="${width - 10}" y1="${y(top * share).toFixed(1)}" y2="${y(top * share).toFixed(1)}" stroke="#e1dfdd"/>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="sans-serif" font-size="12"><title>Resident memory of the server in MiB, over ${minutes} minutes and less of mixed load</title><rect width="100%" height="100%" fill="white"/>${marks.join("")}${lines.join("")}</svg>\n`;
}

function soakText(soak: SoakRecord & KeptRecord): string {
  const { minutes, perSecond, requests, failures, p50Ms, p99Ms, openFiles, nodeOptions } = soak;
  const mix = Object.entries(soak.mix)
    .sort(([, one], [, other]) => other - one)
    .map(([name, count]) => `${name} ${number(count)}`);
  const how = nodeOptions === undefined ? "" : ` with \`${nodeOptions}\``;
  return `- ${minutes} minutes${how}, ${perSecond} acts a second asked for: ${number(requests)} requests, ${failures} of them not answered as wanted, p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(0)} ms. ${soakMemory(soak)} Open files: ${openFiles[0]} at the first look, ${openFiles[1]} at the last. The mix: ${mix.join(", ")}.`;
}

/** Where the heap was written, what lives; else what was resident: writing a heap takes memory, which stays. */
function soakMemory({ liveMiB, residentMiB, stepSeconds }: SoakRecord): string {
  if (liveMiB !== undefined)
    return `**Living in the heap: ${liveMiB[0]} MiB after a third, ${liveMiB[1]} MiB at the end.** (While its heap is written, a server sheds load.)`;
  const last = residentMiB.slice(-Math.ceil(residentMiB.length / 3));
  const [least, most] = [Math.min(...last), Math.max(...last)].map((value) => value.toFixed(0));
  return `Resident in the last third: ${least} to ${most} MiB, by least squares ${slopePerHour(last, stepSeconds).toFixed(0)} MiB an hour.`;
}

/** The page. */
export function faultsPage(): string {
  const records = readRecords();
  const of = <Kind extends KeptRecord["section"]>(section: Kind) =>
    records.filter((record) => record.section === section) as Extract<KeptRecord, { section: Kind }>[];
  const machines = [...new Set(records.map(({ machine }) => machine))].join("; ");
  const days = [...new Set(records.map(({ day }) => day))].sort();
  return `# Faults survived

Made by \`npm run docs\` from what the tests wrote down (\`POSTERN_FAULT_RECORDS=test/faults/records\` has them write anew). Machine: ${machines}, shared with other work; ${days.join(" to ")}.

## Losses

*Acknowledged*: changes whose answer said that they were done, and that the database and every server showed afterwards. *Put off*: answered 503 with \`Retry-After\`, or broken off with their connection; of these some had come about before the answer was lost, which is what 503 after a commit means ([decision 24](decisions/0024-postgresql.md)). A test that finds one change lost, twice there, or there without having been asked for, fails.

${lossTable(of("loss"))}

"At it again after" runs from the end of the fault (for a fail-over: from the kill) until a server told of a change again, the longest of all; "others paused" is the longest time without a change on the server that was let alone. When processes are killed again and again it includes their starts, on two cores with other work.

## Histories

Operations at the same time, with the moments at which they were asked and answered, held against what replicas promise ([decision 32](decisions/0032-what-replicas-promise.md)) by a search for an order that explains them ([checker](../test/linearizability/checker.ts)); the checker itself is held against trying every order, and must reject forged histories.

${historyTable(of("history"))}

## Burdens

${burdenTable(of("burden"))}

## Soak

Tokens, directory, roles and blobs on the embedded store, each act undone by a later one, so that what the cloud holds stays the same. Memories that are bounded fill up first: sign-ins and access decisions (10,000 each, within some minutes), what principals used (20,000), remembered tokens and decisions. What V8 has not thrown away yet is resident, too, and it takes its time while there is room; what lives was looked at in a run of its own. Earlier runs grew by 12 to 30 MiB an hour in their last third: remembered decisions held 64 KiB each ([decision 38](decisions/0038-memory-of-large-and-long-runs.md)). On a machine that other work starves, a server sheds load: those are the answers not as wanted, 503 with \`Retry-After\`, and connections that a client took up as they were closed for having been idle.

${of("soak").map(soakText).join("\n")}

![Resident memory of the server](images/soak.svg)

Run by hand: [soak](../test/soak/soak.ts); [heap-growth](../test/soak/heap-growth.ts) tells what grew.

## Fuzzing

Grammar-based and mutated inputs for every parser that takes bytes from outside. Nothing but the parser's own refusal may be thrown, what is accepted and has a printer must read the same again, no input may take more than its length allows, pumped inputs may not grow faster than linearly, and the heap is bounded ([run](../test/fuzz/run.ts)). A short run with the kept corpus is part of \`npm test\`.

${fuzzTable(of("fuzz"))}

What was found on the way is mended and kept as [a test](../test/fuzz/found.test.ts): a token that brought a certificate whose key cannot be read was answered with a fault of the server (500); XML bodies took in characters that no XML can give out again; a PEM file with something else than base64, and a reference past Unicode in a storage answer, came out as exceptions of the decoder in the credential library and the command line; a PEM file of beginnings without ends took quadratic time; a line of blanks in a batch of blob requests took cubic time, 2.2 s of CPU for two thousand, which the pumped inputs had missed because they were no whole batches. Only the first was an answer of 500.
`;
}
