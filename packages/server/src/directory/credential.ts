/**
 * The rules of client secrets on applications and service principals: added, shown once, removed. Pure: the secret is made outside.
 *
 * Owns: `passwordCredentials` of both kinds of rows. Spec: https://learn.microsoft.com/graph/api/resources/passwordcredential
 */
import { type Change, put } from "../state/change.ts";
import type { PasswordCredential } from "../state/entities.ts";
import { refuse } from "../state/fault.ts";
import type { Guid } from "../state/identifiers.ts";
import type { ReadModel } from "../state/read-model.ts";
import { checkApplicationSize } from "./application-size.ts";
import { maxApplicationItems, maxDisplayNameLength } from "./limits.ts";
import { refuseForeignPrincipal, refuseManagedIdentity } from "./managed-identity-principal.ts";
import { checkOptional, existing, type Outcome } from "./values.ts";

/** Years a secret lives when the caller names no end. @see https://learn.microsoft.com/graph/api/application-addpassword */
const defaultLifetimeYears = 2;

/** The two kinds of objects that carry secrets. */
export type CredentialHolder = { readonly kind: "application" | "servicePrincipal"; readonly id: string };

export type PasswordRequest = {
  readonly displayName: string | null;
  /** null for now. */
  readonly startDateTime: Date | null;
  /** null for two years after the start. An end in the past is taken as it is: clients use it to retire a secret. */
  readonly endDateTime: Date | null;
};

/**
 * Adds a secret beside those that are there.
 * @param made what the secret keeper made: hint and hash, never the text.
 * @throws Refusal `object-not-found`, `value-invalid` (an end that is not after the start; a long name; a principal that is not the tenant's
 * own), `limit-reached`.
 */
export function addPassword(
  model: ReadModel,
  holder: CredentialHolder,
  request: PasswordRequest,
  made: { readonly keyId: Guid; readonly hint: string; readonly secretHash: string; readonly now: Date },
): Outcome<PasswordCredential> {
  const objectKind = holder.kind;
  const principal = holder.kind === "servicePrincipal" ? model.servicePrincipals.get(holder.id) : undefined;
  if (principal !== undefined) refuseForeignPrincipal(principal);
  const start = request.startDateTime ?? made.now;
  const end = request.endDateTime ?? yearsAfter(start, defaultLifetimeYears);
  if (end <= start) refuse({ kind: "value-invalid", objectKind, property: "endDateTime", why: "not-allowed" });
  const credential: PasswordCredential = {
    keyId: made.keyId,
    displayName: checkOptional({ objectKind, property: "displayName" }, request.displayName, maxDisplayNameLength),
    hint: made.hint,
    startDateTime: start.toISOString(),
    endDateTime: end.toISOString(),
    secretHash: made.secretHash,
  };
  return { changes: [replacePasswords(model, holder, (kept) => [...kept, credential])], result: credential };
}

/**
 * Takes one secret away; tokens that were issued for it live on until they expire, as in Entra.
 * @throws Refusal `object-not-found` for the holder, `reference-not-found` for the key.
 */
export function removePassword(model: ReadModel, holder: CredentialHolder, keyId: Guid): Outcome<undefined> {
  const change = replacePasswords(model, holder, (kept) => {
    const rest = kept.filter((credential) => credential.keyId !== keyId);
    if (rest.length === kept.length)
      refuse({ kind: "reference-not-found", objectKind: holder.kind, property: "passwordCredentials", id: keyId });
    return rest;
  });
  return { changes: [change], result: undefined };
}

/**
 * Keeps the secrets that are named and drops the others: what a PATCH of `passwordCredentials` does. New ones cannot be made this way.
 * @throws Refusal `value-invalid` `not-allowed` for a key that is not there.
 */
export function keepPasswords(
  objectKind: CredentialHolder["kind"],
  kept: readonly PasswordCredential[],
  keyIds: readonly Guid[],
): readonly PasswordCredential[] {
  const known = new Set(kept.map((credential) => credential.keyId));
  if (keyIds.some((keyId) => !known.has(keyId)))
    refuse({ kind: "value-invalid", objectKind, property: "passwordCredentials", why: "not-allowed" });
  return kept.filter((credential) => keyIds.includes(credential.keyId));
}

function replacePasswords(
  model: ReadModel,
  { kind, id }: CredentialHolder,
  replace: (kept: readonly PasswordCredential[]) => readonly PasswordCredential[],
): Change {
  if (kind === "application") {
    const before = existing(kind, model.applications.get(id), id);
    const row = { ...before, passwordCredentials: replace(before.passwordCredentials) };
    checkApplicationSize(row);
    return put(kind, row);
  }
  const before = existing(kind, model.servicePrincipals.get(id), id);
  refuseManagedIdentity(before);
  const passwordCredentials = replace(before.passwordCredentials);
  if (passwordCredentials.length > maxApplicationItems)
    refuse({ kind: "limit-reached", objectKind: kind, property: "items", limit: maxApplicationItems });
  return put(kind, { ...before, passwordCredentials });
}

/** The same day and time that many years on; 29 February becomes 1 March. */
function yearsAfter(date: Date, years: number): Date {
  const later = new Date(date);
  later.setUTCFullYear(later.getUTCFullYear() + years);
  return later;
}
