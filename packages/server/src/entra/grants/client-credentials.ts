/**
 * The client_credentials grant: an application signs in as itself, with its secret, its certificate or another issuer's token.
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
 */
import { appRoleAssignmentsAt } from "../../directory/app-role-assignment.ts";
import type { Resource } from "../../tokens/audiences.ts";
import { whenThere } from "../../wire/when-there.ts";
import { authenticateClient, type Client } from "../client.ts";
import { refuse } from "../fault.ts";
import { need } from "../form.ts";
import { readAppResource } from "../requested-resource.ts";
import type { Grant } from "../token-request.ts";
import type { Visit } from "../visit.ts";

export const clientCredentials: Grant = {
  grantType: "client_credentials",
  needsTenant: true,
  issue({ visit, dialect, form, tenantName, client, claim, asked, attempt }) {
    // An application belongs to a tenant; nothing else in this grant could name one.
    if (tenantName.kind === "organizations") refuse({ kind: "tenant-needed" });
    if (dialect === "v1") need(form, "resource");
    // What Entra calls it in this grant; elsewhere it is a parameter.
    else if (!form.has("scope")) refuse({ kind: "credential-field-missing", field: "Scope" });
    const proof = authenticateClient(visit, client, claim, this.grantType, attempt);
    const servicePrincipal = client.servicePrincipal!; // authenticateClient refuses this grant without one
    attempt.principalId = servicePrincipal.id;
    const resource = readAppResource(visit, form, dialect, attempt);
    checkAssignment(visit, client, resource);
    const credential = attempt.credentialKeyId || undefined;
    const issuing = visit.cloud.tokens.issueAppToken({ servicePrincipal, resource, proof, credential, asked });
    return whenThere(issuing, (access) => ({ resource, access }));
  },
};

/** A resource may demand that callers were given one of its roles. */
function checkAssignment(visit: Visit, client: Client, resource: Resource): void {
  if (resource.kind !== "application" || resource.appId === client.appId) return;
  const { model } = visit.cloud;
  const principal = model.servicePrincipals.findOne("appId", resource.appId);
  if (principal?.appRoleAssignmentRequired !== true) return;
  if (appRoleAssignmentsAt(model, client.servicePrincipal!.id, principal.id).length > 0) return;
  refuse({
    kind: "role-needed",
    appId: client.appId,
    appName: client.displayName,
    resourceAppId: resource.appId,
    resourceName: principal.displayName,
  });
}
