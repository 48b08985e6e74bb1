/**
 * Whether the sign-in service can be reached and knows the tenant, and whether the clocks agree. May use: http/, finding.ts.
 * @see https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc
 */
import { describeError } from "../faults.ts";
import type { HttpAnswer, Transport } from "../http/transport.ts";
import { parseRecord } from "../state/private-file.ts";
import { type Finding, finding } from "./finding.ts";

/** Entra takes assertions and tokens with clocks so far apart. */
const MAX_SKEW_SECONDS = 300;

const DEFAULT_AUTHORITY = "https://login.microsoftonline.com";

/** What OpenSSL's codes mean to whoever runs the app. @see https://nodejs.org/api/tls.html#x509-certificate-error-codes */
const tlsMeanings: readonly (readonly [RegExp, string, string])[] = [
  [
    /SELF_SIGNED|UNABLE_TO_(?:VERIFY|GET_ISSUER)|unable to (?:verify|get)|self.signed/i,
    "the certificate there is not trusted here",
    "Something on the way (a proxy that reads along, or the local cloud) has its own CA: add it to NODE_EXTRA_CA_CERTS, REQUESTS_CA_BUNDLE and SSL_CERT_FILE, or start the program by: postern run",
  ],
  [
    /CERT_HAS_EXPIRED|expired/i,
    "the certificate there has ended, or this machine's clock is wrong",
    "Look at the clock first: date",
  ],
  [/ALTNAME/i, "the certificate there is for another name", "A proxy or DNS leads elsewhere."],
  [/ENOTFOUND|EAI_AGAIN/, "the name is not known here", "No network, or a proxy is needed: set HTTPS_PROXY."],
  [/ECONNREFUSED|Nothing answers/, "nothing answers there", "Is the proxy or the cloud running?"],
  [/ETIMEDOUT|no answer/, "it does not answer", "A firewall may be in the way, or a proxy is needed: set HTTPS_PROXY."],
];

export async function checkAuthority(
  env: Readonly<NodeJS.ProcessEnv>,
  transport: Transport,
  now: () => number,
): Promise<Finding[]> {
  const given = env.AZURE_AUTHORITY_HOST;
  const authority = (given ? (given.includes("://") ? given : `https://${given}`) : DEFAULT_AUTHORITY).replace(
    /\/+$/,
    "",
  );
  const tenant = env.AZURE_TENANT_ID || "common";
  const url = `${authority}/${encodeURIComponent(tenant)}/v2.0/.well-known/openid-configuration`;
  let answer: HttpAnswer;
  try {
    answer = await transport({ method: "GET", url, headers: {} });
  } catch (error) {
    return [explainFailure(authority, describeError(error))];
  }
  return [
    finding("sign-in service", "ok", `${new URL(authority).host} answers.`),
    ...checkTenant(tenant, answer),
    ...checkClock(answer, now()),
  ];
}

function explainFailure(authority: string, text: string): Finding {
  const { host } = new URL(authority);
  const known = tlsMeanings.find(([pattern]) => pattern.test(text));
  if (known === undefined) return finding("sign-in service", "failure", text);
  return finding("sign-in service", "failure", `${host}: ${known[1]}.`, known[2]);
}

function checkTenant(tenant: string, { status, body }: HttpAnswer): Finding[] {
  if (tenant === "common") return [];
  if (status === 200) return [finding("tenant", "ok", `${tenant} is known there.`)];
  const description = String(parseRecord(body)?.error_description ?? `It answered ${status}.`);
  const next = "Which tenant an app is of: postern account show --query tenantId";
  return [finding("tenant", "failure", description.split(/ Trace ID|\r?\n/)[0]!, next)];
}

function checkClock({ headers }: HttpAnswer, nowMs: number): Finding[] {
  const theirs = Date.parse(headers.date ?? "");
  if (Number.isNaN(theirs)) return [];
  const seconds = Math.round((nowMs - theirs) / 1000);
  if (Math.abs(seconds) <= MAX_SKEW_SECONDS)
    return [finding("clock", "ok", `It agrees with the service's to ${Math.abs(seconds)} s.`)];
  const found = `It is ${Math.abs(seconds)} s ${seconds > 0 ? "ahead of" : "behind"} the service's.`;
  return [finding("clock", "failure", found, "Set it by NTP: timedatectl set-ntp true")];
}
