/** docs/errors.md: the errors of every plane with status, code and text, from the renderers themselves. */
import { renderError as renderArmError } from "../../packages/server/src/arm/errors.ts";
import { ArmRefusal } from "../../packages/server/src/arm/fault.ts";
import { storageErrors } from "../../packages/server/src/blob/errors.ts";
import { aadsts } from "../../packages/server/src/entra/aadsts.ts";
import { unansweredAadsts } from "../../packages/server/src/entra/aadsts-unanswered.ts";
import { errorFor as graphErrorFor } from "../../packages/server/src/graph/errors.ts";
import { GraphRefusal } from "../../packages/server/src/graph/graph-fault.ts";
import { Refusal } from "../../packages/server/src/state/fault.ts";
import { TokenRefusal } from "../../packages/server/src/tokens/token.ts";
import type { Exchange } from "../../packages/server/src/wire/exchange.ts";
import { cell } from "./coverage-page.ts";
import { kindsOf, sampleFaults } from "./fault-samples.ts";

type Line = { readonly status: number; readonly code: string; readonly message: string };

/** The same error may come from several faults; shown once. */
function table(lines: readonly Line[]): string {
  const rows = lines.map(({ status, code, message }) => `| ${status} | ${cell(code)} | ${cell(message)} |`);
  return `| status | code | text |\n|---:|---|---|\n${[...new Set(rows)].sort().join("\n")}`;
}

function faults(path: string, make: (fault: never) => Error): Error[] {
  return kindsOf(path)
    .flatMap(sampleFaults)
    .map((fault) => make(fault as never));
}

function ruleAndTokenRefusals(): Error[] {
  return [
    ...faults("state/fault.ts", (fault) => new Refusal(fault)),
    ...faults("tokens/token.ts", (fault) => new TokenRefusal(fault)),
  ];
}

function armLines(): Line[] {
  const place = {
    exchange: { origin: "https://management.azure.com" } as Exchange,
    tenantId: "{tenantId}",
    now: new Date(0),
  };
  return [...faults("arm/fault.ts", (fault) => new ArmRefusal(fault)), ...ruleAndTokenRefusals()].map((refusal) => {
    const { status, body } = renderArmError(refusal, place);
    const { code, message } = (body as { error: { code: string; message: string } }).error;
    return { status, code, message: message.replace(/UTC time '[^']*'/g, "UTC time '{time}'") };
  });
}

function graphLines(): Line[] {
  const refusals = [...faults("graph/graph-fault.ts", (fault) => new GraphRefusal(fault)), ...ruleAndTokenRefusals()];
  // Graph renders every rule's fault; those of Azure's resources cannot reach it and have a catch-all text.
  return refusals
    .map((refusal) => graphErrorFor(refusal)!)
    .filter(({ message }) => !message.startsWith("The request is invalid ("));
}

function entraLines(): Line[] {
  return Object.entries(aadsts).map(([number, { status, error, message }]) => ({
    status,
    code: `${error}, AADSTS${number}`,
    message,
  }));
}

/** Known numbers that nothing here answers. */
function unanswered(): string {
  const rows = Object.entries(unansweredAadsts).map(([number, reason]) => `| AADSTS${number} | ${cell(reason)} |`);
  return `| code | why not |\n|---|---|\n${rows.join("\n")}`;
}

function blobLines(): Line[] {
  return Object.entries(storageErrors).map(([code, [status, message]]) => ({ status, code, message }));
}

export function errorsPage(): string {
  return `# Errors

Made by \`npm run docs\` from the tables and renderers that answer them. Names in braces are filled in. The texts are the protocols' own where clients match on them.

## Entra ID

An OAuth body: \`error\`, \`error_description\` ("AADSTSn: text Trace ID … Correlation ID … Timestamp …"), \`error_codes\`, \`timestamp\`, \`trace_id\`, \`correlation_id\`, \`error_uri\`.

${table(entraLines())}

Each of these is provoked by a request in \`test/access/aadsts.test.ts\`. Numbers that real tenants answer and this server never does:

${unanswered()}

## Microsoft Graph

\`{"error":{"code","message","innerError":{"date","request-id","client-request-id"}}}\`

${table(graphLines())}

## Resource Manager

\`{"error":{"code","message"}}\`

${table(armLines())}

## Blob storage

XML (\`<Error><Code/><Message/></Error>\`) and the header \`x-ms-error-code\`, which a HEAD has alone.

${table(blobLines())}
`;
}
