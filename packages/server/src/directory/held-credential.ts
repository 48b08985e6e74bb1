/** Every secret and certificate of the tenant with what holds it: an application, or its service principal. Pure. */
import type { Application, KeyCredential, PasswordCredential, ServicePrincipal } from "../state/entities.ts";
import type { AppId } from "../state/identifiers.ts";
import type { ReadModel } from "../state/read-model.ts";

export type HeldCredential = {
  readonly owner: Application | ServicePrincipal;
  readonly ownerType: "application" | "servicePrincipal";
  readonly kind: "secret" | "certificate";
  readonly credential: PasswordCredential | KeyCredential;
};

/** @param appId whose only; all of them when left out. */
export function* heldCredentials(model: ReadModel, appId?: AppId): Iterable<HeldCredential> {
  const { applications, servicePrincipals } = model;
  for (const owner of appId === undefined ? applications.values() : applications.find("appId", appId))
    yield* credentialsOf(owner, "application");
  for (const owner of appId === undefined ? servicePrincipals.values() : servicePrincipals.find("appId", appId))
    yield* credentialsOf(owner, "servicePrincipal");
}

function* credentialsOf(
  owner: HeldCredential["owner"],
  ownerType: HeldCredential["ownerType"],
): Iterable<HeldCredential> {
  for (const credential of owner.passwordCredentials) yield { owner, ownerType, kind: "secret", credential };
  for (const credential of owner.keyCredentials) yield { owner, ownerType, kind: "certificate", credential };
}
