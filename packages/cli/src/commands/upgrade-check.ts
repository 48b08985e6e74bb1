/** `postern upgrade-check`: what starting this version would do to a folder or a database, and whether there is a way back. May use: server-process.ts, state/. */
import { defineCommand } from "../command/command.ts";
import { pickOwn, readFromServer } from "../server-process.ts";
import { statePathsOf } from "../state/paths.ts";

/** What the server answers; see its own words for the members. */
export interface UpgradeReport {
  readonly version: string;
  readonly lastVersion: string | null;
  readonly isInUse: boolean;
  readonly schemas: readonly { place: string; schema: number | null; known: number; pending: number }[];
  readonly replicas: readonly { replicaId: string; version: string; secondsAgo: number }[];
  readonly canStart: boolean;
  readonly canGoBack: boolean;
  readonly findings: readonly string[];
}

/** What a check ends with when this version could not start. */
const CANNOT_START_EXIT_CODE = 1;

const options = {
  database: {
    kind: "text",
    flags: ["--database"],
    valueName: "URL",
    summary: "Look at this PostgreSQL, too; without the password.",
  },
  databaseKeyFile: {
    kind: "text",
    flags: ["--database-key-file"],
    valueName: "FILE",
    summary: "With --database: as for postern up.",
  },
  databasePasswordFile: {
    kind: "text",
    flags: ["--database-password-file"],
    valueName: "FILE",
    summary: "With --database: the password for it.",
  },
  config: { kind: "text", flags: ["--config"], valueName: "FILE", summary: "Settings as JSON, as for postern up." },
} as const;

export const command = defineCommand({
  options,
  examples: [
    { summary: "Before a new version is started for the first time", line: "postern upgrade-check" },
    { summary: "For scripts; exit code 1 means that it would not start", line: "postern upgrade-check --output json" },
  ],
  run: async (context, args) => {
    const printed = await readFromServer(statePathsOf(context), "upgrade-check", context.env, pickOwn(options, args));
    const report = JSON.parse(printed) as UpgradeReport;
    return {
      data: report,
      text: describeReport(report),
      ...(report.canStart ? {} : { exitCode: CANNOT_START_EXIT_CODE }),
    };
  },
});

function describeReport({ version, schemas, replicas, canStart, findings }: UpgradeReport): string {
  const lines = [
    `Version ${version} ${canStart ? "would start" : "would not start"}.`,
    ...findings.map((finding) => `- ${finding}`),
    ...schemas.map(({ place, schema, known }) => `${place}: schema ${schema ?? "none"}, this version has ${known}`),
    ...replicas.map((one) => `server ${one.replicaId}: version ${one.version}, seen ${one.secondsAgo} s ago`),
  ];
  return lines.join("\n");
}
