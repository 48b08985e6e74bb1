/**
 * The rules of certificates on applications and service principals: added, kept, removed. Pure.
 *
 * Owns: `keyCredentials` of both kinds of rows. Spec: https://learn.microsoft.com/graph/api/resources/keycredential
 */
import { type Change, put } from "../state/change.ts";
import type { KeyCredential } from "../state/entities.ts";
import { refuse } from "../state/fault.ts";
import type { Guid } from "../state/identifiers.ts";
import type { ReadModel } from "../state/read-model.ts";
import { checkApplicationSize } from "./application-size.ts";
import { readCertificate } from "./certificate.ts";
import type { CredentialHolder } from "./credential.ts";
import { maxApplicationItems, maxDisplayNameLength } from "./limits.ts";
import { refuseForeignPrincipal, refuseManagedIdentity } from "./managed-identity-principal.ts";
import { checkOptional, existing, type Outcome } from "./values.ts";

/** One certificate as a caller names it; the rest is read from the certificate itself. */
export type KeyRequest = {
  readonly keyId: Guid;
  /** base64; null names one that is there already. */
  readonly key: string | null;
  /** null for the certificate's subject. */
  readonly displayName: string | null;
  /** null for the certificate's own. */
  readonly startDateTime: Date | null;
  readonly endDateTime: Date | null;
};

/**
 * Makes the list of certificates what the caller says it is: those named stay, new ones are read, others go.
 * @throws Refusal `value-invalid`: a key that is no certificate or not there, dates beyond the certificate's, one keyId twice.
 */
export function replaceKeys(
  objectKind: CredentialHolder["kind"],
  before: readonly KeyCredential[],
  wanted: readonly KeyRequest[],
): readonly KeyCredential[] {
  const at = { objectKind, property: "keyCredentials" } as const;
  const known = new Map(before.map((credential) => [credential.keyId, credential]));
  const seen = new Set<Guid>();
  return wanted.map((request) => {
    const kept = known.get(request.keyId);
    if (seen.has(request.keyId)) refuse({ kind: "value-invalid", ...at, why: "malformed" });
    seen.add(request.keyId);
    if (request.key === null) return kept ?? refuse({ kind: "value-invalid", ...at, why: "not-allowed" });
    const made = makeKey(objectKind, request);
    // A client that selected `key` writes it back as it read it.
    if (kept !== undefined && kept.certificate !== made.certificate)
      refuse({ kind: "value-invalid", ...at, why: "read-only" });
    return kept ?? made;
  });
}

/**
 * Adds one certificate beside those that are there.
 * @throws Refusal `object-not-found`, `value-invalid`, `limit-reached`.
 * @see https://learn.microsoft.com/graph/api/application-addkey
 */
export function addKey(model: ReadModel, holder: CredentialHolder, request: KeyRequest): Outcome<KeyCredential> {
  const principal = holder.kind === "servicePrincipal" ? model.servicePrincipals.get(holder.id) : undefined;
  if (principal !== undefined) refuseForeignPrincipal(principal);
  const made = makeKey(holder.kind, request);
  return { changes: [changeKeys(model, holder, (kept) => [...kept, made])], result: made };
}

/**
 * Takes one certificate away.
 * @throws Refusal `object-not-found` for the holder, `reference-not-found` for the key.
 * @see https://learn.microsoft.com/graph/api/application-removekey
 */
export function removeKey(model: ReadModel, holder: CredentialHolder, keyId: Guid): Outcome<undefined> {
  const change = changeKeys(model, holder, (kept) => {
    const rest = kept.filter((credential) => credential.keyId !== keyId);
    if (rest.length === kept.length)
      refuse({ kind: "reference-not-found", objectKind: holder.kind, property: "keyCredentials", id: keyId });
    return rest;
  });
  return { changes: [change], result: undefined };
}

function makeKey(objectKind: CredentialHolder["kind"], request: KeyRequest): KeyCredential {
  const at = (property: string) => ({ objectKind, property }) as const;
  const read = readCertificate(request.key ?? "");
  if (read === undefined) refuse({ kind: "value-invalid", ...at("keyCredentials"), why: "malformed" });
  const start = request.startDateTime ?? read.validFrom;
  const end = request.endDateTime ?? read.validTo;
  if (start < read.validFrom || start >= end)
    refuse({ kind: "value-invalid", ...at("keyCredentials/startDateTime"), why: "not-allowed" });
  if (end > read.validTo) refuse({ kind: "value-invalid", ...at("keyCredentials/endDateTime"), why: "not-allowed" });
  const given = checkOptional(at("displayName"), request.displayName, maxDisplayNameLength);
  return {
    keyId: request.keyId,
    displayName: given ?? read.subject.slice(0, maxDisplayNameLength),
    customKeyIdentifier: read.thumbprint,
    startDateTime: start.toISOString(),
    endDateTime: end.toISOString(),
    certificate: read.certificate,
  };
}

function changeKeys(
  model: ReadModel,
  { kind, id }: CredentialHolder,
  replace: (kept: readonly KeyCredential[]) => readonly KeyCredential[],
): Change {
  if (kind === "application") {
    const before = existing(kind, model.applications.get(id), id);
    const row = { ...before, keyCredentials: replace(before.keyCredentials) };
    checkApplicationSize(row);
    return put(kind, row);
  }
  const before = existing(kind, model.servicePrincipals.get(id), id);
  refuseManagedIdentity(before);
  const keyCredentials = replace(before.keyCredentials);
  if (keyCredentials.length > maxApplicationItems)
    refuse({ kind: "limit-reached", objectKind: kind, property: "items", limit: maxApplicationItems });
  return put(kind, { ...before, keyCredentials });
}
