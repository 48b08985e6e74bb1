/**
 * Shared access signatures: what one says, whether it was made here, and whether it holds for this request. The resource that is signed is never
 * taken from the signature: it is the one that the request names, so that a signature for another one cannot match.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/delegate-access-with-shared-access-signature
 */
import type { StorageAccount } from "../../state/entities.ts";
import type { ContainerAccess } from "../engine/model.ts";
import { StorageError, storageErrors } from "../errors.ts";
import type { RequestHeaders } from "../request-headers.ts";
import { isServiceVersion } from "../service-versions.ts";
import type { Target } from "../target.ts";
import { isWithinRange } from "./address-range.ts";
import { verifyByDelegation } from "./delegated-signature.ts";
import { isSignatureOf } from "./signatures.ts";
import { readMoment, refuseSignature, refuseText, type SignedParameters } from "./signed-parameters.ts";
import { canonicalResource, firstVersionWithResource } from "./signed-resource.ts";

/** The first version whose signatures are read here; older ones sign less than what they grant. */
const firstVersion = "2015-04-05";
const firstVersionWithEncryptionScope = "2020-12-06";

/** What a signature grants, once it was found to be good. */
export type SignedAccess = {
  readonly kind: "account" | "service" | "delegation";
  /** Letters. */
  readonly permissions: string;
  /** Of an account signature, letters of `sco`; else "". */
  readonly resourceTypes: string;
  /** `c`, `b`, `bs`, `bv` or `d`; of an account signature "". */
  readonly resource: string;
  /** On whose behalf, of a delegation: the roles of this principal bound what the signature grants. */
  readonly principalId: string | null;
  /** The one principal that may show it, with a token of their own; null for whoever has it. */
  readonly boundTo: string | null;
  /** What is written with it is encrypted with this one; "" for as the request says. */
  readonly encryptionScope: string;
  /** Headers that answers to reads take from the signature. */
  readonly answerHeaders: Readonly<Record<string, string>>;
};

export type SignedRequest = {
  readonly account: StorageAccount;
  readonly target: Target;
  readonly signed: SignedParameters;
  readonly headers: RequestHeaders;
  readonly isSecure: boolean;
  /** The caller's, as text; "" when it is not known any more. */
  readonly address: string;
  readonly now: Date;
  readonly tenantId: string;
  /** Looked up only for a signature that names a stored policy; undefined where the container is not there. */
  readonly findAccess: (container: string) => ContainerAccess | undefined;
};

/**
 * Reads and checks a signature.
 * @throws StorageError `AuthenticationFailed` for one that was not made with a key of this account or is not valid now,
 *   `KeyBasedAuthenticationNotPermitted`, `Authorization*Mismatch` for a caller that it does not hold for.
 */
export function verifySignedAccess(request: SignedRequest): SignedAccess {
  const { signed } = request;
  const version = signed.get("sv");
  if (!isServiceVersion(version, request.now) || version < firstVersion) {
    throw refuseSignature(`sv must be a version from ${firstVersion}.`);
  }
  // An older signature is not over it: whoever holds one could write another in.
  if (signed.has("ses") && version < firstVersionWithEncryptionScope) {
    throw refuseSignature(`sv must be a version from ${firstVersionWithEncryptionScope} for ses.`);
  }
  const isAccount = signed.has("ss") || signed.has("srt");
  const access = isAccount ? readAccountAccess(request, version) : readServiceAccess(request, version);
  checkCaller(request);
  return access;
}

function readAccountAccess({ account, signed, now }: SignedRequest, version: string): SignedAccess {
  const { get } = signed;
  if (signed.has("sr") || signed.has("si") || signed.has("skoid")) {
    throw refuseSignature("The signature is one of an account and of a service at once.");
  }
  const lines = [account.name, get("sp"), get("ss"), get("srt"), get("st"), get("se"), get("sip"), get("spr"), version];
  if (version >= firstVersionWithEncryptionScope) lines.push(get("ses"));
  verifyByAccountKey(account, get("sig"), `${lines.join("\n")}\n`);
  checkTimes(get("st"), get("se"), now);
  if (!/^[bqtf]+$/.test(get("ss")) || !/^[sco]+$/.test(get("srt"))) throw refuseSignature("ss or srt cannot be read.");
  if (!get("ss").includes("b")) throw new StorageError("AuthorizationServiceMismatch");
  const rest = { resource: "", principalId: null, boundTo: null, encryptionScope: get("ses"), answerHeaders: {} };
  return { kind: "account", permissions: readPermissions(get("sp")), resourceTypes: get("srt"), ...rest };
}

function readServiceAccess(request: SignedRequest, version: string): SignedAccess {
  const { signed, now } = request;
  const { get } = signed;
  const resource = get("sr");
  const canonical = canonicalResource(request, resource, version);
  const answers = [get("rscc"), get("rscd"), get("rsce"), get("rscl"), get("rsct")];
  const bounds = { encryptionScope: get("ses"), answerHeaders: answerHeadersOf(signed) };
  const rest = { resource, resourceTypes: "", ...bounds };
  if (signed.has("skoid")) {
    const delegation = verifyByDelegation(request, version, canonical, answers);
    checkTimes(get("st"), get("se"), now);
    return { kind: "delegation", permissions: readPermissions(get("sp")), ...delegation, ...rest };
  }
  const lines = [get("sp"), get("st"), get("se"), canonical.path, get("si"), get("sip"), get("spr"), version];
  if (version >= firstVersionWithResource) lines.push(resource, canonical.moment);
  if (version >= firstVersionWithEncryptionScope) lines.push(get("ses"));
  verifyByAccountKey(request.account, get("sig"), [...lines, ...answers].join("\n"));
  const { start, expiry, permissions } = joinPolicy(request);
  checkTimes(start, expiry, now);
  return { kind: "service", permissions: readPermissions(permissions), principalId: null, boundTo: null, ...rest };
}

function verifyByAccountKey(account: StorageAccount, signature: string, text: string): void {
  if (!account.allowSharedKeyAccess) throw new StorageError("KeyBasedAuthenticationNotPermitted");
  if (!account.keys.some(({ value }) => isSignatureOf(signature, value, text))) refuseText(text);
}

type Terms = { readonly start: string; readonly expiry: string; readonly permissions: string };

/** A signature and its stored policy together say each thing once. @see https://learn.microsoft.com/rest/api/storageservices/define-stored-access-policy */
function joinPolicy({ signed, target, findAccess }: SignedRequest): Terms {
  const { get } = signed;
  const own = { start: get("st"), expiry: get("se"), permissions: get("sp") };
  const id = get("si");
  if (id === "") return own;
  const access = target.level === "account" ? undefined : findAccess(target.container);
  const policy = access?.policies.find((one) => one.id === id);
  if (policy === undefined) throw refuseSignature("The stored access policy of the signature is not there.");
  const join = (name: string, mine: string, stored: string | null): string => {
    if (mine !== "" && stored !== null && stored !== "") {
      throw refuseSignature(`${name} is given by the signature and by its stored access policy.`);
    }
    return mine === "" ? (stored ?? "") : mine;
  };
  return {
    start: join("st", own.start, policy.start),
    expiry: join("se", own.expiry, policy.expiry),
    permissions: join("sp", own.permissions, policy.permissions),
  };
}

function checkTimes(start: string, expiry: string, now: Date): void {
  if (expiry === "") throw refuseSignature("The signature has no end.");
  const from = start === "" ? Number.NEGATIVE_INFINITY : readMoment("st", start);
  const until = readMoment("se", expiry);
  if (now.getTime() >= from && now.getTime() < until) return;
  throw refuseSignature(
    `Signature not valid in the specified time frame: Start [${start}] - Expiry [${expiry}] - Current [${now.toUTCString()}]`,
  );
}

function readPermissions(letters: string): string {
  if (!/^[a-z]+$/.test(letters) || new Set(letters).size !== letters.length) {
    throw refuseSignature("sp is not a list of permissions.");
  }
  return letters;
}

function checkCaller({ signed, isSecure, address }: SignedRequest): void {
  const protocols = signed.get("spr");
  if (protocols !== "" && protocols !== "https" && protocols !== "https,http")
    throw refuseSignature("spr cannot be read.");
  if (protocols === "https" && !isSecure) throw new StorageError("AuthorizationProtocolMismatch");
  const range = signed.get("sip");
  if (range === "") return;
  const isWithin = isWithinRange(range, address);
  if (isWithin === null) throw refuseSignature("sip is not an address or a range of addresses.");
  if (isWithin) return;
  const message = storageErrors.AuthorizationSourceIPMismatch[1].replace("{SourceIP}", address);
  throw new StorageError("AuthorizationSourceIPMismatch", { message });
}

function answerHeadersOf({ get }: SignedParameters): Record<string, string> {
  const headers: Record<string, string> = {};
  const given = {
    "Cache-Control": get("rscc"),
    "Content-Disposition": get("rscd"),
    "Content-Encoding": get("rsce"),
    "Content-Language": get("rscl"),
    "Content-Type": get("rsct"),
  };
  for (const [name, value] of Object.entries(given)) {
    if (value === "") continue;
    if (!/^[\x20-\x7e]*$/.test(value))
      throw refuseSignature("A header for answers has characters that no header can have.");
    headers[name] = value;
  }
  return headers;
}
