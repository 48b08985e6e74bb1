/**
 * Signatures by a user delegation key: whose key it is, whom the signature is bound to, and what the request that shows it must hold.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/create-user-delegation-sas
 */
import { notImplemented } from "../errors.ts";
import { delegationKey } from "./delegation-key.ts";
import { isSignatureOf } from "./signatures.ts";
import type { SignedRequest } from "./signed-access.ts";
import { readMoment, refuseSignature, refuseText } from "./signed-parameters.ts";
import { type Canonical, firstVersionWithResource } from "./signed-resource.ts";

const firstVersionWithAgents = "2020-02-10";
const firstVersionWithEncryptionScope = "2020-12-06";
const firstVersionWithDelegatedUser = "2025-07-05";
const firstVersionWithRequestParts = "2026-04-06";

/** Headers and parameters that a signature names at most. Our choice. */
const maxSignedParts = 32;

/** Who signed, and who alone may show it; null for whoever has it. */
export type Delegation = { readonly principalId: string; readonly boundTo: string | null };

/** @throws StorageError `AuthenticationFailed`, `NotImplemented`. */
export function verifyByDelegation(
  request: SignedRequest,
  version: string,
  canonical: Canonical,
  answers: readonly string[],
): Delegation {
  const { account, signed, now, tenantId } = request;
  const { get } = signed;
  checkVersion(request, version);
  if (signed.has("si")) throw refuseSignature("A signature by a user delegation key has no stored policy.");
  if (signed.has("suoid")) throw notImplemented("signatures for a user without rights of their own (suoid)");
  if (get("sktid") !== tenantId || get("sks") !== "b") throw refuseSignature("sktid or sks is not of this service.");
  const startMs = readMoment("skt", get("skt"));
  const expiryMs = readMoment("ske", get("ske"));
  const lines = [get("sp"), get("st"), get("se"), canonical.path, get("skoid"), get("sktid"), get("skt"), get("ske")];
  lines.push(get("sks"), get("skv"));
  if (version >= firstVersionWithAgents) lines.push(get("saoid"), "", get("scid"));
  if (version >= firstVersionWithDelegatedUser) lines.push(get("skdutid"), get("sduoid"));
  lines.push(get("sip"), get("spr"), version, get("sr"), canonical.moment);
  if (version >= firstVersionWithEncryptionScope) lines.push(get("ses"));
  if (version >= firstVersionWithRequestParts) lines.push(signedHeaders(request), signedQuery(request));
  const text = [...lines, ...answers].join("\n");
  if (account.delegationSecret === undefined) refuseText(text);
  const key = delegationKey(account.delegationSecret, {
    objectId: get("skoid"),
    tenantId: get("sktid"),
    startMs,
    expiryMs,
    version: get("skv"),
    delegatedTenantId: get("skdutid"),
  });
  if (!isSignatureOf(get("sig"), key, text)) refuseText(text);
  if (now.getTime() < startMs || now.getTime() >= expiryMs)
    throw refuseSignature("The user delegation key is not valid now.");
  // There is one tenant here; nobody of another one can come.
  if (get("skdutid") !== "" && get("skdutid") !== tenantId)
    throw refuseSignature("skdutid is not a tenant of this cloud.");
  return { principalId: get("skoid"), boundTo: get("sduoid").toLowerCase() || null };
}

/** What an older signature is not over says nothing in it: whoever holds one could write it in, or leave it out. */
function checkVersion({ signed }: SignedRequest, version: string): void {
  const firstVersions = {
    sig: firstVersionWithResource,
    sduoid: firstVersionWithDelegatedUser,
    skdutid: firstVersionWithDelegatedUser,
    srh: firstVersionWithRequestParts,
    srq: firstVersionWithRequestParts,
  } as const;
  for (const [name, first] of Object.entries(firstVersions)) {
    if (signed.has(name as keyof typeof firstVersions) && version < first)
      throw refuseSignature(`sv must be a version from ${first} for ${name}.`);
  }
}

/** The headers that the signature names, with the values that the request gives them. */
function signedHeaders({ signed, headers }: SignedRequest): string {
  return readNames("srh", signed.get("srh"))
    .map((name) => `${name}:${requirePart(name, headers.get(name.toLowerCase()))}\n`)
    .join("");
}

/** The same of parameters, of which those of the signature are none. */
function signedQuery({ signed, target }: SignedRequest): string {
  return readNames("srq", signed.get("srq"))
    .map((name) => `\n${name}:${requirePart(name, target.query.get(name.toLowerCase()))}`)
    .join("");
}

function readNames(parameter: string, text: string): string[] {
  const names = text === "" ? [] : text.split(",");
  if (names.length > maxSignedParts || names.some((name) => !/^[\w-]{1,64}$/.test(name)))
    throw refuseSignature(`${parameter} is not a list of names.`);
  return names;
}

function requirePart(name: string, value: string | undefined): string {
  if (value === undefined) throw refuseSignature(`The signature holds only for requests with ${name}.`);
  return value;
}
