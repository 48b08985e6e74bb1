/**
 * `postern ad sp create-for-rbac`: an application, its service principal, a secret and, if asked, roles; in one go, as az does it.
 * @see https://learn.microsoft.com/cli/azure/ad/sp#az-ad-sp-create-for-rbac
 */
import {
  addPassword,
  createOrPatchApplication,
  listServicePrincipals,
  readLifetime,
  removePasswords,
} from "../../azure/applications.ts";
import { certificateKey, prepareCertificate, wantsCertificate } from "../../azure/certificate-credential.ts";
import { quoteOData } from "../../azure/identifiers.ts";
import { createRoleAssignment, resolveRoleId } from "../../azure/roles.ts";
import { type Context, defineCommand } from "../../command/command.ts";
import { failure } from "../../faults.ts";
import type { Json } from "../../http/service-client.ts";
import { findSubscriptionId, openSession, type Session } from "../../session.ts";
import { keepCredential } from "../../state/credentials.ts";
import { certificate, credential, warnOfCredential } from "./options.ts";

export const command = defineCommand({
  options: {
    name: {
      kind: "text",
      flags: ["--name", "--display-name", "-n"],
      summary: "Display name of the app. Default: azure-cli-%Y-%m-%d-%H-%M-%S, the time of creation.",
    },
    role: { kind: "text", flags: ["--role"], summary: "Role to give the app, with --scopes." },
    scopes: { kind: "list", flags: ["--scopes"], summary: "Space-separated scopes to give it at, with --role." },
    years: credential.years,
    createPassword: {
      kind: "switch",
      flags: ["--create-password"],
      summary: "Whether to make a client secret. Default: true.",
    },
    skipAssignment: { kind: "switch", flags: ["--skip-assignment"], summary: "Does nothing.", isHidden: true },
    ...certificate,
  },
  examples: [
    { summary: "Register an app", line: "postern ad sp create-for-rbac --name my-app" },
    {
      summary: "Register it with a role on a resource group",
      line: 'postern ad sp create-for-rbac -n my-app --role "Storage Blob Data Contributor" --scopes /subscriptions/SUBSCRIPTION/resourceGroups/notes-dev',
    },
  ],
  run: async (context, args) => {
    const { role, scopes } = args;
    if ((role === undefined) !== (scopes === undefined)) {
      throw failure("Usage error: To create role assignments, specify both --role and --scopes.");
    }
    const hasCertificate = wantsCertificate(args);
    const session = await openSession(context);
    const wanted = readLifetime(new Date(), args.years, undefined);
    const displayName = args.name || defaultName(wanted.start);
    const existing = args.name
      ? await listServicePrincipals(session.graph, `displayName eq ${quoteOData(displayName)}`)
      : [];
    const made = hasCertificate
      ? await prepareCertificate(args, wanted, (text) => context.notes.warn(text))
      : undefined;
    const lifetime = made?.lifetime ?? wanted;
    const keyCredentials = made === undefined ? [] : [certificateKey(made)];
    const application = await createOrPatchApplication(session.graph, { displayName, keyCredentials }, context.notes);
    await removePasswords(session.graph, "applications", application);
    const [appId, objectId] = [String(application.appId), String(application.id)];
    const password =
      args.createPassword === false || hasCertificate
        ? null
        : await addPassword(session.graph, "applications", objectId, "rbac", lifetime);
    const principal =
      existing[0] ?? (await session.graph.json("POST", "/servicePrincipals", { appId, accountEnabled: true }));
    const { tenantId } = session.identity;
    // Before the roles: if giving one fails, the secret is not lost.
    if (password !== null) {
      await keepCredential(session.paths, { appId, displayName, tenantId, clientSecret: password });
    }
    if (role !== undefined && scopes !== undefined) await giveRoles(context, session, principal, role, scopes);
    const file = made?.file;
    if (password !== null || file !== undefined) warnOfCredential(context);
    if (file !== undefined) {
      context.notes.warn(
        `Please copy ${file} to a safe place. When you run \`az login\`, provide the file path in the --certificate argument`,
      );
    }
    const answer = { appId, displayName, password, tenant: tenantId };
    return { data: file === undefined ? answer : { ...answer, fileWithCertAndPrivateKey: file } };
  },
});

async function giveRoles(
  context: Context,
  session: Session,
  principal: Json,
  role: string,
  scopes: readonly string[],
): Promise<void> {
  const subscriptionId = await findSubscriptionId(context, session);
  for (const scope of scopes) {
    context.notes.warn(`Creating '${role}' role assignment under scope '${scope}'`);
    try {
      const created = await createRoleAssignment(session.resourceManager, {
        scope,
        roleDefinitionId: await resolveRoleId(session.resourceManager, subscriptionId, scope, role),
        principalId: String(principal.id),
        principalType: "ServicePrincipal",
      });
      if (created === undefined) context.notes.warn("  Role assignment already exists.\n");
    } catch (error) {
      context.notes.warn("  Role assignment creation failed.\n");
      throw error;
    }
  }
}

/** @returns e.g. azure-cli-2026-01-31-23-59-59, in UTC. */
function defaultName(now: Date): string {
  return `azure-cli-${now.toISOString().slice(0, 19).replace(/[T:]/g, "-")}`;
}
