/**
 * An app made for one trial and removed after it: with no role but those it is given here. May use: azure/, state/, session.ts.
 */
import { addPassword } from "../azure/applications.ts";
import { createRoleAssignment, deleteRoleAssignment } from "../azure/roles.ts";
import { ServiceFault } from "../http/service-fault.ts";
import type { Session } from "../session.ts";
import { forgetCredential, keepCredential } from "../state/credentials.ts";

/** Longer than any trial, and than the days before a secret's end in which it is warned of. */
const SECRET_LIFETIME_MS = 31 * 24 * 3_600_000;

export interface TrialApp {
  readonly appId: string;
  readonly principalId: string;
  /** Gives it a role, for the trial. */
  assign(role: { readonly roleDefinitionId: string; readonly scope: string }): Promise<void>;
}

/** Runs something with an app of its own, which is gone afterwards with all that it was given. */
export async function withTrialApp<Result>(
  session: Session,
  work: (app: TrialApp) => Promise<Result>,
): Promise<Result> {
  const { graph, resourceManager, paths, operator } = session;
  const displayName = `postern-learn-${crypto.randomUUID().slice(0, 8)}`;
  const application = await graph.json("POST", "/applications", { displayName });
  const [appId, objectId] = [String(application.appId), String(application.id)];
  const given: string[] = [];
  try {
    const principal = await graph.json("POST", "/servicePrincipals", { appId });
    const principalId = String(principal.id);
    const start = new Date();
    const end = new Date(start.getTime() + SECRET_LIFETIME_MS);
    const clientSecret = await addPassword(graph, "applications", objectId, "trial", { start, end });
    await keepCredential(paths, { appId, displayName, tenantId: operator.tenantId, clientSecret });
    const assign: TrialApp["assign"] = async ({ roleDefinitionId, scope }) => {
      const created = await createRoleAssignment(resourceManager, {
        scope,
        roleDefinitionId: `/providers/Microsoft.Authorization/roleDefinitions/${roleDefinitionId}`,
        principalId,
        principalType: "ServicePrincipal",
      });
      if (created !== undefined) given.push(String(created.id));
    };
    return await work({ appId, principalId, assign });
  } finally {
    await forgetCredential(paths, appId);
    for (const id of given) await ignoreMissing(deleteRoleAssignment(resourceManager, id));
    await ignoreMissing(graph.send("DELETE", `/applications/${objectId}`));
  }
}

/** The program under trial may have removed it itself. */
async function ignoreMissing(removal: Promise<unknown>): Promise<void> {
  try {
    await removal;
  } catch (error) {
    if (!(error instanceof ServiceFault) || error.status !== 404) throw error;
  }
}
