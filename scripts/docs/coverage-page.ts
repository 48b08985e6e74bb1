/** docs/coverage.md: every operation of every plane, from the operation tables. */
import type { SurfaceName } from "../../packages/server/src/wire/exchange.ts";
import type { OperationRow, Surface } from "../../packages/server/src/wire/operation.ts";

const titles: Readonly<Partial<Record<SurfaceName, string>>> = {
  entra: "Entra ID: login.microsoftonline.com",
  graph: "Microsoft Graph: graph.microsoft.com",
  arm: "Resource Manager: management.azure.com",
  blob: "Blob storage: ACCOUNT.blob.core.windows.net",
  web: "Static websites: ACCOUNT.z6.web.core.windows.net",
  iam: "Consents of the Azure portal: main.iam.ad.ext.azure.com",
  portal: "Portal: localhost",
  postern: "Postern's own: localhost",
  machines: "Identity endpoints of programs: 127.0.0.1, a port of their own",
};

/** Cells of a Markdown table may not hold a bar, and braces and stars are shown as they are. */
export function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}

export function coveragePage(surfaces: readonly Surface[]): string {
  const parts = surfaces.filter(({ operations }) => operations.length > 0).map(section);
  return `# What each plane answers

Made by \`npm run docs\` from the operation tables that also drive routing, the permission check and the test that every operation refuses a stranger.
*public* answers anyone, as the protocol asks; *signed-in* wants any valid token; anything else is the permission that is decided. An operation marked
*501* is matched, authenticated and decided, then answers that it is not there yet.

${parts.join("\n\n")}
`;
}

function section({ name, operations }: Surface): string {
  const rows = operations.map(line);
  return `## ${titles[name] ?? name}\n\n${operations.length} operations.\n\n| operation | method | match | permission | |\n|---|---|---|---|---|\n${rows.join("\n")}`;
}

function line(row: OperationRow): string {
  const isAbsent = row.isImplemented === false;
  return `| [${cell(row.operation)}](${row.doc}) | ${row.method} | \`${cell(row.match)}\` | ${cell(row.permission)} | ${isAbsent ? "501" : ""} |`;
}
