/**
 * A secret an app can sign in with now: the one kept here while it still works, else a new one. May use: azure/, http/, state/.
 *
 * Nobody can read a secret back from Entra, so `env` and `run --as` stand on those this command line made (decision 6).
 */
import {
  addPassword,
  findApplication,
  listPasswords,
  listServicePrincipals,
  readLifetime,
} from "./azure/applications.ts";
import { quoteOData } from "./azure/identifiers.ts";
import type { Json } from "./http/service-client.ts";
import { ServiceFault } from "./http/service-fault.ts";
import { requestToken } from "./http/tokens.ts";
import type { Notes } from "./notes.ts";
import type { Session } from "./session.ts";
import { forgetCredential, type KeptCredential, keepCredential, readCredential } from "./state/credentials.ts";

/** The name that asks for the operator itself. */
export const OPERATOR = "operator";

/** From how many days before its end a secret is said to end; the server's log does so from then on, too. */
const EXPIRING_SOON_DAYS = 30;
const DAY_MS = 86_400_000;

/** Entra's codes for a secret that is wrong (removed, say) or has ended. @see https://learn.microsoft.com/entra/identity-platform/reference-error-codes */
const spentSecret = new Set(["AADSTS7000215", "AADSTS7000222"]);

/** @param name `operator`, or an app's display name or appId. @throws CliFault (not-found) when there is no such app. */
export async function findCredential(session: Session, name: string, notes: Notes): Promise<KeptCredential> {
  if (name === OPERATOR) {
    const { tenantId, clientId, clientSecret } = session.operator;
    return { appId: clientId, displayName: OPERATOR, tenantId, clientSecret };
  }
  const application = await findApplication(session.graph, name);
  const appId = String(application.appId);
  const kept = await readCredential(session.paths, appId);
  if (kept !== undefined && (await isUsable(session, kept))) {
    await warnOfEnd(session, application, kept, notes);
    return kept;
  }
  if (kept !== undefined) await forgetCredential(session.paths, appId);
  const clientSecret = await addPassword(
    session.graph,
    "applications",
    String(application.id),
    "postern env",
    readLifetime(new Date(), undefined, undefined),
  );
  const displayName = String(application.displayName ?? "");
  const credential = { appId, displayName, tenantId: session.identity.tenantId, clientSecret };
  await keepCredential(session.paths, credential);
  notes.line(`Made ${displayName} a new client secret, named "postern env": no working one of it is kept here.`);
  return credential;
}

/** Says so when the secret ends soon; which of the app's it is shows by its hint, its first characters. */
async function warnOfEnd(session: Session, application: Json, kept: KeptCredential, notes: Notes): Promise<void> {
  const isIt = ({ hint }: Json) => typeof hint === "string" && hint !== "" && kept.clientSecret.startsWith(hint);
  const appId = quoteOData(kept.appId);
  const secrets = listPasswords(application).some(isIt)
    ? listPasswords(application)
    : (await listServicePrincipals(session.graph, `appId eq ${appId}`)).flatMap(listPasswords);
  const ends = secrets.filter(isIt).map(({ endDateTime }) => Date.parse(String(endDateTime)));
  const daysLeft = Math.floor((Math.max(...ends) - Date.now()) / DAY_MS);
  // Without one that matches there is nothing to say: the greatest of none is -Infinity.
  if (!Number.isFinite(daysLeft) || daysLeft >= EXPIRING_SOON_DAYS) return;
  notes.warn(
    `The secret of ${kept.displayName} ends in ${daysLeft} ${daysLeft === 1 ? "day" : "days"}. Make the next one with: postern ad app credential reset --append --id ${kept.appId}`,
  );
}

async function isUsable(session: Session, kept: KeptCredential): Promise<boolean> {
  const credential = { ...kept, clientId: kept.appId };
  const { authority, resourceManagerAudience } = session.endpoints;
  try {
    await requestToken(session.transport, authority, { kind: "secret", ...credential }, resourceManagerAudience, () =>
      Date.now(),
    );
    return true;
  } catch (error) {
    if (error instanceof ServiceFault && spentSecret.has(error.code)) return false;
    throw error;
  }
}
