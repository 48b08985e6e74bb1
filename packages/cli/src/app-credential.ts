/**
 * A secret an app can sign in with now: the one kept here while it still works, else a new one. May use: azure/, http/, state/.
 *
 * Nobody can read a secret back from Entra, so `env` and `run --as` stand on those this command line made (decision 6).
 */
import { addPassword, findApplication, readLifetime } from "./azure/applications.ts";
import { ServiceFault } from "./http/service-fault.ts";
import { requestToken } from "./http/tokens.ts";
import type { Notes } from "./notes.ts";
import type { Session } from "./session.ts";
import { forgetCredential, type KeptCredential, keepCredential, readCredential } from "./state/credentials.ts";

/** The name that asks for the operator itself. */
export const OPERATOR = "operator";

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
  if (kept !== undefined && (await isUsable(session, kept))) return kept;
  if (kept !== undefined) await forgetCredential(session.paths, appId);
  const clientSecret = await addPassword(
    session.graph,
    "applications",
    String(application.id),
    "postern env",
    readLifetime(new Date(), undefined, undefined),
  );
  const displayName = String(application.displayName ?? "");
  const credential = { appId, displayName, tenantId: session.operator.tenantId, clientSecret };
  await keepCredential(session.paths, credential);
  notes.line(`Made ${displayName} a new client secret, named "postern env": no working one of it is kept here.`);
  return credential;
}

async function isUsable(session: Session, kept: KeptCredential): Promise<boolean> {
  const credential = { ...kept, clientId: kept.appId };
  const { authority, resourceManagerAudience } = session.endpoints;
  try {
    await requestToken(session.transport, authority, credential, resourceManagerAudience, () => Date.now());
    return true;
  } catch (error) {
    if (error instanceof ServiceFault && spentSecret.has(error.code)) return false;
    throw error;
  }
}
