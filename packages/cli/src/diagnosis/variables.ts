/**
 * What the environment of a program says about its sign-in, and the mistakes that are made there. Pure but for one certificate's file.
 * May use: finding.ts, node:crypto, node:fs.
 * @see https://learn.microsoft.com/python/api/overview/azure/identity-readme#environment-variables
 */
import { X509Certificate } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { isGuid } from "../azure/identifiers.ts";
import { type Finding, finding } from "./finding.ts";

type Environment = Readonly<NodeJS.ProcessEnv>;

/** Others of the group or the world may look at a file. */
const OTHERS_MAY = 0o077;
const DAY_MS = 86_400_000;
const EXPIRING_SOON_DAYS = 30;

const CREDENTIAL = "EnvironmentCredential needs AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET.";

export function checkVariables(env: Environment, nowMs: number): Finding[] {
  const { AZURE_TENANT_ID: tenant, AZURE_CLIENT_ID: client, AZURE_CLIENT_SECRET: secret } = env;
  const certificate = env.AZURE_CLIENT_CERTIFICATE_PATH;
  const isFederated = Boolean(env.AZURE_FEDERATED_TOKEN_FILE);
  const proof = secret ?? certificate ?? (isFederated ? "token" : undefined);
  const present = Object.entries({
    AZURE_TENANT_ID: tenant,
    AZURE_CLIENT_ID: client,
    "a secret, certificate or token": proof,
  });
  const missing = present.filter(([, value]) => !value).map(([name]) => name);
  const all = missing.length === 0;
  const findings: Finding[] = [];
  if (all) findings.push(finding("variables", "ok", "The AZURE_ variables are all set."));
  else if (missing.length === present.length) {
    findings.push(finding("variables", "note", "No AZURE_ variables are set: other links of the chain have to do."));
  } else {
    findings.push(
      finding("variables", "failure", `Not set: ${missing.join(", ")}.`, `${CREDENTIAL} See: postern env APP`),
    );
  }
  return [
    ...findings,
    ...checkForm("AZURE_TENANT_ID", tenant),
    ...checkForm("AZURE_CLIENT_ID", client),
    ...checkSecret(secret),
    ...(certificate ? checkCertificate(certificate, nowMs) : []),
    ...checkAuthority(env.AZURE_AUTHORITY_HOST),
  ];
}

function checkForm(name: string, value: string | undefined): Finding[] {
  if (!value) return [];
  if (value !== value.trim() || /^["']|["']$/.test(value)) {
    return [
      finding(
        name,
        "failure",
        "It has spaces or quotes around it.",
        "Write the value alone; env files take no quotes around it.",
      ),
    ];
  }
  const isDomain = name === "AZURE_TENANT_ID" && /^[\w-]+(?:\.[\w-]+)+$/.test(value);
  if (isGuid(value) || isDomain) return [];
  return [finding(name, "failure", `'${value}' is no GUID.`, "Copy it from: postern ad sp show --id APP")];
}

function checkSecret(secret: string | undefined): Finding[] {
  if (!secret) return [];
  if (isGuid(secret)) {
    const next =
      "The ID of a secret is not the secret. Make a new one: postern ad app credential reset --append --id APPID";
    return [finding("AZURE_CLIENT_SECRET", "failure", "It is a GUID, which no secret is.", next)];
  }
  if (secret !== secret.trim() || /^["'].*["']$/.test(secret)) {
    return [
      finding(
        "AZURE_CLIENT_SECRET",
        "failure",
        "It has spaces, a line end or quotes around it.",
        "Write it alone: postern env APP --format systemd --file FILE",
      ),
    ];
  }
  return [];
}

function checkCertificate(file: string, nowMs: number): Finding[] {
  const check = "AZURE_CLIENT_CERTIFICATE_PATH";
  try {
    const certificate = new X509Certificate(readFileSync(file));
    const isOpen = (statSync(file).mode & OTHERS_MAY) !== 0;
    const days = Math.floor((Date.parse(certificate.validTo) - nowMs) / DAY_MS);
    const findings: Finding[] = [];
    if (days < 0)
      findings.push(
        finding(
          check,
          "failure",
          `The certificate ended on ${certificate.validTo}.`,
          "Make a new one: postern ad app credential reset --create-cert --append --id APPID",
        ),
      );
    else if (days < EXPIRING_SOON_DAYS)
      findings.push(
        finding(
          check,
          "warning",
          `The certificate ends in ${days} days.`,
          "Make the next one: postern ad app credential reset --create-cert --append --id APPID",
        ),
      );
    else findings.push(finding(check, "ok", `The certificate lasts ${days} days yet.`));
    if (isOpen)
      findings.push(finding(check, "warning", "Others may read the file, which holds the key.", `chmod 600 ${file}`));
    return findings;
  } catch {
    return [
      finding(
        check,
        "failure",
        `${file} cannot be read as a PEM certificate.`,
        "It must hold the certificate and its key.",
      ),
    ];
  }
}

function checkAuthority(authority: string | undefined): Finding[] {
  if (!authority) return [];
  const url = URL.parse(authority.includes("://") ? authority : `https://${authority}`);
  if (url?.protocol === "https:") return [finding("AZURE_AUTHORITY_HOST", "note", `Sign-in goes to ${url.host}.`)];
  return [
    finding(
      "AZURE_AUTHORITY_HOST",
      "failure",
      `'${authority}' is no https address.`,
      "Leave it out for the public cloud.",
    ),
  ];
}

const proxyNames = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"] as const;
const caNames = ["REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"] as const;

/** Proxy and CA: which is set, and what each client reads. */
export function checkNetworkVariables(env: Environment): Finding[] {
  const proxies = proxyNames.filter((name) => env[name]);
  const url = URL.parse(env[proxies[0] ?? ""] ?? "");
  const findings = [
    proxies.length === 0
      ? finding("proxy", "note", "No proxy is set.")
      : url === null
        ? finding("proxy", "failure", `${proxies[0]} is no address.`, "It has the form http://host:port.")
        : finding(
            "proxy",
            "note",
            `${proxies.join(", ")}: ${url.host}${env.NO_PROXY || env.no_proxy ? ", with exceptions" : ""}.`,
          ),
  ];
  const bundles = caNames.filter((name) => env[name]);
  const unreadable = bundles.filter((name) => statSync(env[name]!, { throwIfNoEntry: false }) === undefined);
  if (unreadable.length > 0)
    findings.push(finding("CA bundle", "failure", `${unreadable.join(", ")} names a file that is not there.`));
  else if (bundles.length > 0 && bundles.length < caNames.length) {
    const rest = caNames.filter((name) => !env[name]).join(", ");
    findings.push(
      finding("CA bundle", "note", `${bundles.join(", ")} set; each client reads its own, and ${rest} is not set.`),
    );
  } else if (bundles.length > 0) findings.push(finding("CA bundle", "ok", "Set for every client."));
  return findings;
}
