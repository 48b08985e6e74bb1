/** `postern storage check`: reads everything that Blob storage keeps and says what is damaged, and whose it is. May use: own-plane.ts, server-process.ts, state/. */
import { type Context, defineCommand } from "../../command/command.ts";
import { failure } from "../../faults.ts";
import { openOwnPlane } from "../../own-plane.ts";
import { readFromServer } from "../../server-process.ts";
import { openSession } from "../../session.ts";
import { type StatePaths, statePathsOf } from "../../state/paths.ts";
import { findRunning } from "../../state/status.ts";

/** What a check answers; see the server's own words for its members. */
export interface StorageReport {
  readonly isSound: boolean;
  readonly containerCount: number;
  readonly blobCount: number;
  readonly pastCount: number;
  readonly blockCount: number;
  readonly extentCount: number;
  readonly checkedBytes: number;
  readonly unusedBytes: number;
  readonly findingCount: number;
  readonly findings: readonly StorageFinding[];
}

export interface StorageFinding {
  readonly kind: string;
  readonly detail: string;
  readonly remedy: string;
  readonly row?: {
    readonly account: string;
    readonly container: string;
    readonly blob: string;
    readonly state: string;
  };
}

/** What a check that found damage ends with. */
const DAMAGE_EXIT_CODE = 1;

export const command = defineCommand({
  options: {
    recount: {
      kind: "flag",
      flags: ["--recount"],
      summary: "Of a cloud that is stopped: count anew what is in use before checking. Mends `count-wrong`.",
    },
  },
  examples: [
    { summary: "Is everything as it was written?", line: "postern storage check" },
    { summary: "For scripts; exit code 1 means damage", line: "postern storage check --output json" },
    { summary: "A backup, before it is needed", line: "postern storage check --state /mnt/backup/postern-monday" },
  ],
  run: async (context, args) => {
    if (args.recount) await recount(context, statePathsOf(context));
    context.notes.progress("Reading ...");
    const report = await check(context, statePathsOf(context));
    return {
      data: report,
      text: describeReport(report),
      toRows: toFindingRows,
      ...(report.isSound ? {} : { exitCode: DAMAGE_EXIT_CODE }),
    };
  },
});

async function recount(context: Context, paths: StatePaths): Promise<void> {
  if ((await findRunning(paths)) !== undefined) {
    throw failure(`A cloud runs on ${paths.stateDir}.`, "Stop it first: postern down");
  }
  const { correctedCount } = JSON.parse(await readFromServer(paths, "recount", context.env)) as {
    correctedCount: number;
  };
  context.notes.line(`${correctedCount} ${correctedCount === 1 ? "count was" : "counts were"} wrong, and put right.`);
}

/** A running server looks at its own store; one that nobody has is read by a process of its own. */
async function check(context: Context, paths: StatePaths): Promise<StorageReport> {
  if ((await findRunning(paths)) !== undefined) {
    const client = openOwnPlane(await openSession(context), "resource-manager");
    return asReport(await client.json("POST", "/postern/storage/check"));
  }
  return asReport(JSON.parse(await readFromServer(paths, "check", context.env)));
}

function asReport(answer: unknown): StorageReport {
  const report = answer as StorageReport;
  if (typeof report?.isSound === "boolean" && Array.isArray(report.findings)) return report;
  throw failure("The server answered without a report.");
}

const BYTE_UNITS = ["B", "KiB", "MiB", "GiB", "TiB"] as const;

function describeBytes(bytes: number): string {
  const power = Math.min(BYTE_UNITS.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  const value = bytes / 1024 ** power;
  return `${power === 0 ? value : value.toFixed(1)} ${BYTE_UNITS[power]}`;
}

/** `account/container/blob (state)`; the blob as it is now needs no words for its state. */
export function describeRow({ row }: StorageFinding): string {
  if (row === undefined) return "";
  const place = [row.account, row.container, row.blob].filter((part) => part !== "").join("/");
  return row.state === "present" ? place : `${place} (${row.state})`;
}

function toFindingRows(report: StorageReport) {
  return report.findings.map((finding) => ({
    Kind: finding.kind,
    Where: describeRow(finding),
    Detail: finding.detail,
    Remedy: finding.remedy,
  }));
}

/** The report for people. */
export function describeReport(report: StorageReport): string {
  const { containerCount, blobCount, pastCount, blockCount, extentCount, findings, findingCount } = report;
  const lines = [
    `${containerCount} containers, ${blobCount} blobs, ${pastCount} older states, ${blockCount} uncommitted blocks, ${extentCount} extents`,
    `${describeBytes(report.checkedBytes)} read and compared, ${describeBytes(report.unusedBytes)} not in use`,
    "",
  ];
  if (report.isSound) return `${lines.join("\n")}Nothing is damaged.\n`;
  for (const finding of findings) {
    const where = describeRow(finding);
    lines.push(`${finding.kind}: ${where === "" ? "" : `${where}: `}${finding.detail}`, `  ${finding.remedy}`);
  }
  if (findingCount > findings.length) lines.push(`... and ${findingCount - findings.length} more`);
  lines.push("", `${findingCount} ${findingCount === 1 ? "thing is" : "things are"} damaged.`);
  return `${lines.join("\n")}\n`;
}
