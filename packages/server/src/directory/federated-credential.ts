/**
 * The rules of federated identity credentials: which issuer's tokens an application or a managed identity may sign in with. Pure.
 *
 * Owns: `federatedIdentityCredential` rows, whoever holds them, and which of them a presented token matches (its signature is not looked
 * at here). Spec: https://learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations
 */
import { put, remove } from "../state/change.ts";
import type { FederatedIdentityCredential } from "../state/entities.ts";
import { refuse } from "../state/fault.ts";
import type { Guid } from "../state/identifiers.ts";
import type { ReadModel } from "../state/read-model.ts";
import { isClaimsExpression } from "./claims-expression.ts";
import { checkName, checkOptional, existing, type Outcome } from "./values.ts";

const objectKind = "federatedIdentityCredential";

/** Credentials of one application or identity. Same page. */
const maxFederatedCredentials = 20;
/** Characters of a credential's name. @see https://learn.microsoft.com/graph/api/resources/federatedidentitycredential */
export const maxNameLength = 120;
const minNameLength = 3;
/** Characters of an issuer, a subject, an audience, a description. Same page. */
export const maxValueLength = 600;
/** Audiences of one credential. Same page: a single value. */
const maxAudiences = 1;

const namePattern = /^[a-z0-9][a-z0-9_-]*$/i;

export type FederatedParent = Pick<FederatedIdentityCredential, "parentKind" | "parentId">;

export type FederatedProperties = Pick<
  FederatedIdentityCredential,
  "issuer" | "subject" | "claimsMatchingExpression" | "audiences" | "description"
>;

/** All credentials of a parent, by name. */
export function federatedCredentialsOf(model: ReadModel, parentId: string): FederatedIdentityCredential[] {
  return model.federatedIdentityCredentials
    .find("parentId", parentId)
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** @param nameOrId a name is compared without case; both are how Graph addresses one. */
export function findFederatedCredential(
  model: ReadModel,
  parentId: string,
  nameOrId: string,
): FederatedIdentityCredential | undefined {
  const wanted = nameOrId.toLowerCase();
  return model.federatedIdentityCredentials
    .find("parentId", parentId)
    .find(({ id, name }) => id === wanted || name.toLowerCase() === wanted);
}

/**
 * Adds a credential.
 * @throws Refusal `value-invalid`, `limit-reached`, `value-taken` (of `name`, or of `subject` for the same issuer and subject).
 * @see https://learn.microsoft.com/graph/api/application-post-federatedidentitycredentials
 */
export function createFederatedCredential(
  model: ReadModel,
  parent: FederatedParent,
  name: string,
  properties: FederatedProperties,
  id: Guid,
): Outcome<FederatedIdentityCredential> {
  checkCredentialName(name);
  const siblings = model.federatedIdentityCredentials.find("parentId", parent.parentId);
  if (siblings.some((sibling) => sibling.name.toLowerCase() === name.toLowerCase()))
    refuse({ kind: "value-taken", objectKind, property: "name", value: name });
  if (siblings.length >= maxFederatedCredentials)
    refuse({ kind: "limit-reached", objectKind, property: "items", limit: maxFederatedCredentials });
  const row = checkCredential(siblings, { ...parent, id, name, ...properties });
  return { changes: [put(objectKind, row)], result: row };
}

/**
 * Changes what is given of a credential; its name stays.
 * @throws Refusal `object-not-found`, `value-invalid`, `value-taken`.
 * @see https://learn.microsoft.com/graph/api/federatedidentitycredential-update
 */
export function updateFederatedCredential(
  model: ReadModel,
  parentId: string,
  nameOrId: string,
  properties: Partial<FederatedProperties>,
): Outcome<FederatedIdentityCredential> {
  const before = existing(objectKind, findFederatedCredential(model, parentId, nameOrId), nameOrId);
  const siblings = model.federatedIdentityCredentials.find("parentId", parentId).filter(({ id }) => id !== before.id);
  const row = checkCredential(siblings, { ...before, ...properties });
  return { changes: [put(objectKind, row)], result: row };
}

/** @throws Refusal `object-not-found`. */
export function deleteFederatedCredential(
  model: ReadModel,
  parentId: string,
  nameOrId: string,
): Outcome<FederatedIdentityCredential> {
  const row = existing(objectKind, findFederatedCredential(model, parentId, nameOrId), nameOrId);
  return { changes: [remove(objectKind, row.id)], result: row };
}

/** What a token says of itself, for {@link matchFederatedCredential}. */
export type PresentedIdentity = {
  readonly issuer: string;
  readonly subject: string;
  readonly audiences: readonly string[];
};

/** A match, or the first thing that fits no credential: what Entra's refusal names. */
export type FederatedMatch =
  | { readonly kind: "matched"; readonly credential: FederatedIdentityCredential }
  | { readonly kind: "none" | "issuer" | "subject" | "expression" | "audience" };

/**
 * Finds the credential that a token matches: issuer, subject and audience, each byte by byte. A credential with an expression in place of
 * a subject matches by `matchesExpression` alone.
 * @param matchesExpression judges the token's claims by an expression; left out, such credentials match nothing.
 */
export function matchFederatedCredential(
  credentials: readonly FederatedIdentityCredential[],
  presented: PresentedIdentity,
  matchesExpression: (expression: { readonly value: string; readonly languageVersion: number }) => boolean = () =>
    false,
): FederatedMatch {
  if (credentials.length === 0) return { kind: "none" };
  const byIssuer = credentials.filter(({ issuer }) => issuer === presented.issuer);
  if (byIssuer.length === 0) return { kind: "issuer" };
  const bySubject = byIssuer.filter(({ subject, claimsMatchingExpression }) =>
    claimsMatchingExpression === null ? subject === presented.subject : matchesExpression(claimsMatchingExpression),
  );
  if (bySubject.length === 0) {
    const isByExpression = byIssuer.every(({ claimsMatchingExpression }) => claimsMatchingExpression !== null);
    return { kind: isByExpression ? "expression" : "subject" };
  }
  const credential = bySubject.find(({ audiences }) => audiences.some((one) => presented.audiences.includes(one)));
  return credential === undefined ? { kind: "audience" } : { kind: "matched", credential };
}

function checkCredentialName(name: string): void {
  if (name.length > maxNameLength)
    refuse({ kind: "value-invalid", objectKind, property: "name", why: "too-long", limit: maxNameLength });
  if (name.length < minNameLength || !namePattern.test(name))
    refuse({ kind: "value-invalid", objectKind, property: "name", why: "malformed", value: name });
}

function checkCredential(
  siblings: readonly FederatedIdentityCredential[],
  row: FederatedIdentityCredential,
): FederatedIdentityCredential {
  checkIssuer(row.issuer);
  const { subject, claimsMatchingExpression, audiences } = row;
  if ((subject === null) === (claimsMatchingExpression === null))
    refuse({ kind: "value-invalid", objectKind, property: "subject", why: "required" });
  if (subject !== null) checkExact("subject", subject);
  if (claimsMatchingExpression !== null) {
    checkExact("claimsMatchingExpression", claimsMatchingExpression.value);
    if (!isClaimsExpression(claimsMatchingExpression, row.issuer))
      refuse({ kind: "value-invalid", objectKind, property: "claimsMatchingExpression", why: "malformed" });
  }
  if (audiences.length === 0) refuse({ kind: "value-invalid", objectKind, property: "audiences", why: "required" });
  if (audiences.length > maxAudiences)
    refuse({ kind: "value-invalid", objectKind, property: "audiences", why: "too-many", limit: maxAudiences });
  for (const audience of audiences) checkExact("audiences", audience);
  checkOptional({ objectKind, property: "description" }, row.description, maxValueLength);
  const isTaken =
    subject !== null && siblings.some((sibling) => sibling.issuer === row.issuer && sibling.subject === subject);
  if (isTaken) refuse({ kind: "value-taken", objectKind, property: "subject", value: subject });
  return row;
}

/** The keys are fetched from there, so it must be an https URL, and be written as the token's `iss` writes it. */
function checkIssuer(issuer: string): void {
  checkExact("issuer", issuer);
  const url = URL.parse(issuer);
  const isPlain = url?.protocol === "https:" && url.username === "" && url.password === "" && !/[?#]/.test(issuer);
  if (!isPlain) refuse({ kind: "value-invalid", objectKind, property: "issuer", why: "malformed", value: issuer });
}

/** A value that tokens are compared with byte by byte: blanks at an end could only be a mistake. */
function checkExact(property: string, text: string): void {
  if (checkName({ objectKind, property }, text, maxValueLength) !== text)
    refuse({ kind: "value-invalid", objectKind, property, why: "malformed", value: text });
}
