/**
 * What a sign-in leaves behind to get tokens with, and the token request of each kind. May use: this folder, node:crypto, node:fs.
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
 * @see https://learn.microsoft.com/entra/identity-platform/certificate-credentials
 */
import { createHash, createPrivateKey, randomUUID, sign, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { failure } from "../faults.ts";

interface OfClient {
  readonly tenantId: string;
  readonly clientId: string;
}

export type StoredCredential = OfClient &
  (
    | { readonly kind: "secret"; readonly clientSecret: string }
    /** `file` is a PEM file with key and certificate; with `isSni` the whole chain is sent. */
    | { readonly kind: "certificate"; readonly file: string; readonly isSni: boolean }
    | { readonly kind: "assertion"; readonly assertion: string }
    | { readonly kind: "refresh-token"; readonly refreshToken: string }
    /** Nothing is kept: whoever runs on the machine is that identity. `clientId` is "" for the machine's own. */
    | { readonly kind: "managed-identity"; readonly objectId?: string; readonly resourceId?: string }
  );

/** az's own application, a public client: people sign in to it. */
export const CLI_CLIENT_ID = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";

const ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/** Entra takes assertions that live up to a day; azure-identity's live ten minutes. */
const ASSERTION_LIFETIME_SECONDS = 600;

/** The form of a token request. @param audience of the token. @param endpoint the assertion is for. @throws CliFault when the credential cannot be read. */
export function tokenForm(
  credential: Exclude<StoredCredential, { kind: "managed-identity" }>,
  audience: string,
  endpoint: string,
  nowMs: number,
): URLSearchParams {
  const form = new URLSearchParams({ client_id: credential.clientId, scope: `${audience}/.default` });
  switch (credential.kind) {
    case "secret":
      form.set("grant_type", "client_credentials");
      form.set("client_secret", credential.clientSecret);
      return form;
    case "certificate":
    case "assertion":
      form.set("grant_type", "client_credentials");
      form.set("client_assertion_type", ASSERTION_TYPE);
      form.set(
        "client_assertion",
        credential.kind === "assertion" ? credential.assertion : signAssertion(credential, endpoint, nowMs),
      );
      return form;
    case "refresh-token":
      form.set("grant_type", "refresh_token");
      form.set("refresh_token", credential.refreshToken);
      form.set("scope", `${audience}/.default openid profile offline_access`);
      return form;
  }
}

/** The certificate of a PEM file that also holds its key. @throws CliFault (failure) when it holds not both. */
export function readCertificateFile(file: string): {
  readonly key: string;
  readonly chain: readonly X509Certificate[];
} {
  let pem: string;
  try {
    pem = readFileSync(file, "utf8");
  } catch {
    throw failure(`The certificate file '${file}' cannot be read.`);
  }
  const certificates = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  const key = /-----BEGIN (?:RSA |EC )?PRIVATE KEY-----[\s\S]+?-----END (?:RSA |EC )?PRIVATE KEY-----/.exec(pem)?.[0];
  if (certificates.length === 0 || key === undefined) {
    throw failure(`The certificate file '${file}' does not hold a certificate and its private key in PEM form.`);
  }
  return { key, chain: certificates.map((text) => new X509Certificate(text)) };
}

function signAssertion(
  { file, isSni, clientId }: StoredCredential & { kind: "certificate" },
  endpoint: string,
  nowMs: number,
): string {
  const { key, chain } = readCertificateFile(file);
  const thumbprint = createHash("sha256").update(chain[0]!.raw).digest("base64url");
  const header = {
    alg: "PS256",
    typ: "JWT",
    "x5t#S256": thumbprint,
    ...(isSni && { x5c: chain.map(({ raw }) => raw.toString("base64")) }),
  };
  const seconds = Math.floor(nowMs / 1000);
  const claims = {
    aud: endpoint,
    iss: clientId,
    sub: clientId,
    jti: randomUUID(),
    nbf: seconds,
    exp: seconds + ASSERTION_LIFETIME_SECONDS,
  };
  const text = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  // RSA_PKCS1_PSS_PADDING with a salt as long as the digest, as RFC 7518 has it.
  const signature = sign("sha256", Buffer.from(text), { key: createPrivateKey(key), padding: 6, saltLength: 32 });
  return `${text}.${signature.toString("base64url")}`;
}
