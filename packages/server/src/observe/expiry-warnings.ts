/**
 * Says in the log when an application signs in with a secret or certificate that ends soon: once a day for each.
 *
 * Owns: when to warn, and the words. A line names ids and times only: a display name is someone's free text, and could hold anything.
 */
import type { KeyCredential, PasswordCredential } from "../state/entities.ts";
import type { ReadModel } from "../state/read-model.ts";
import type { CredentialUse } from "./credential-uses.ts";

const dayMs = 86_400_000;
/** From how many days before its end a credential counts as ending soon; our choice, a third of the shortest the portal offers. */
const expiringSoonDays = 30;
/** Credentials remembered as looked at today; our choice. */
const maxLookedAt = 10_000;

/** Whole days until a credential ends; negative when it has. */
export function daysUntil(endDateTime: string, now: Date): number {
  return Math.floor((Date.parse(endDateTime) - now.getTime()) / dayMs);
}

/** Every credential of an application and of its service principal. */
export function credentialsOf(model: ReadModel, appId: string): readonly (PasswordCredential | KeyCredential)[] {
  return [model.applications.findOne("appId", appId), model.servicePrincipals.findOne("appId", appId)].flatMap((row) =>
    row === undefined ? [] : [...row.passwordCredentials, ...row.keyCredentials],
  );
}

/** @param say takes one line. @returns what is to be told of every use. */
export function createExpiryWarnings(model: ReadModel, say: (line: string) => void): (use: CredentialUse) => void {
  const lookedAtOn = new Map<string, string>();
  return ({ keyId, appId, time }) => {
    const day = time.slice(0, 10);
    if (lookedAtOn.get(keyId) === day) return;
    lookedAtOn.delete(keyId);
    lookedAtOn.set(keyId, day);
    if (lookedAtOn.size > maxLookedAt) lookedAtOn.delete([...lookedAtOn.keys()][0]!);
    const credential = credentialsOf(model, appId).find((one) => one.keyId === keyId);
    if (credential === undefined || daysUntil(credential.endDateTime, new Date(time)) >= expiringSoonDays) return;
    const kind = "secretHash" in credential ? "secret" : "certificate";
    say(`warning: app ${appId} signs in with a ${kind} (keyId ${keyId}) that ends on ${credential.endDateTime}`);
  };
}
