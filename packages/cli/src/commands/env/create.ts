/**
 * `postern env create` and `env list`: one registration for each environment an app runs in, so that none can reach what is another's.
 *
 * What belongs together is told by tags of the registrations. May use: azure/, state/, session.ts.
 * @see https://learn.microsoft.com/azure/developer/python/sdk/authentication-on-premises-apps
 */
import {
  addPassword,
  createOrPatchApplication,
  listServicePrincipals,
  readLifetime,
} from "../../azure/applications.ts";
import { filterQuery, quoteOData } from "../../azure/identifiers.ts";
import { createRoleAssignment, resolveRoleId } from "../../azure/roles.ts";
import { type Context, defineCommand } from "../../command/command.ts";
import { failure, usageFault } from "../../faults.ts";
import type { Json } from "../../http/service-client.ts";
import { findSubscriptionId, openSession, type Session } from "../../session.ts";
import { keepCredential, readCredential } from "../../state/credentials.ts";

const APP_TAG = "postern-app:";
const ENVIRONMENT_TAG = "postern-environment:";
/** One registration each; more is a mistake. */
const MAX_ENVIRONMENTS = 20;

export const createEnvironments = defineCommand({
  options: {
    app: {
      kind: "text",
      flags: ["--app"],
      summary: "What the app is called; registrations are APP-ENVIRONMENT.",
      required: true,
    },
    environments: {
      kind: "list",
      flags: ["--environments"],
      summary: "Space-separated names. Default: dev test prod.",
    },
    role: { kind: "list", flags: ["--role"], summary: "Roles for each, with --scopes." },
    scopes: {
      kind: "list",
      flags: ["--scopes"],
      summary:
        "Where; {env} stands for the environment's name, e.g. /subscriptions/SUBSCRIPTION/resourceGroups/notes-{env}.",
    },
    years: { kind: "integer", flags: ["--years"], summary: "Years each secret lasts. Default: 1." },
  },
  examples: [
    {
      summary: "An app for each of three environments, each with a role in its own group",
      line: 'postern env create --app notes --role "Storage Blob Data Contributor" --scopes "/subscriptions/SUBSCRIPTION/resourceGroups/notes-{env}"',
    },
  ],
  run: async (context, args) => {
    if ((args.role === undefined) !== (args.scopes === undefined)) {
      throw failure("Usage error: To create role assignments, specify both --role and --scopes.");
    }
    const environments = args.environments ?? ["dev", "test", "prod"];
    if (environments.length > MAX_ENVIRONMENTS) throw usageFault(`--environments takes at most ${MAX_ENVIRONMENTS}.`);
    for (const name of environments) {
      if (!/^[a-z0-9][a-z0-9-]{0,30}$/i.test(name)) throw usageFault(`'${name}' cannot be the name of an environment.`);
    }
    const session = await openSession(context);
    const subscriptionId = await findSubscriptionId(context, session);
    // Every role is looked up before anything is made, so that a mistyped one leaves nothing half done.
    const roles: { readonly role: string; readonly id: string }[] = [];
    for (const role of args.role ?? []) {
      const id = await resolveRoleId(session.resourceManager, subscriptionId, `/subscriptions/${subscriptionId}`, role);
      roles.push({ role, id });
    }
    const made: Json[] = [];
    for (const [index, environment] of environments.entries()) {
      context.notes.progress(`${index + 1}/${environments.length}: ${args.app}-${environment}`);
      made.push(
        await createOne(context, session, {
          app: args.app,
          environment,
          roles,
          scopes: args.scopes ?? [],
          years: args.years,
        }),
      );
    }
    return { data: made, toRows };
  },
});

interface Wanted {
  readonly app: string;
  readonly environment: string;
  readonly roles: readonly { readonly role: string; readonly id: string }[];
  readonly scopes: readonly string[];
  readonly years: number | undefined;
}

/** One registration with its principal, a secret that is kept here, and its roles. Done again, it changes nothing. */
async function createOne(context: Context, session: Session, wanted: Wanted): Promise<Json> {
  const { graph, resourceManager, paths, identity } = session;
  const displayName = `${wanted.app}-${wanted.environment}`;
  const tags = [`${APP_TAG}${wanted.app}`, `${ENVIRONMENT_TAG}${wanted.environment}`];
  const application = await createOrPatchApplication(graph, { displayName, tags, keyCredentials: [] }, context.notes);
  const appId = String(application.appId);
  const [found] = await listServicePrincipals(graph, `appId eq ${quoteOData(appId)}`);
  const principal = found ?? (await graph.json("POST", "/servicePrincipals", { appId, accountEnabled: true }));
  if ((await readCredential(paths, appId)) === undefined) {
    const lifetime = readLifetime(new Date(), wanted.years, undefined);
    const clientSecret = await addPassword(graph, "applications", String(application.id), "postern env", lifetime);
    await keepCredential(paths, { appId, displayName, tenantId: identity.tenantId, clientSecret });
  }
  const given: Json[] = [];
  for (const scope of wanted.scopes.map((one) => one.replaceAll("{env}", wanted.environment))) {
    for (const { role, id } of wanted.roles) {
      await createRoleAssignment(resourceManager, {
        scope,
        roleDefinitionId: id,
        principalId: String(principal.id),
        principalType: "ServicePrincipal",
      });
      given.push({ role, scope });
    }
  }
  return { environment: wanted.environment, displayName, appId, roles: given };
}

function toRows(environments: readonly Json[]) {
  return environments.map(({ environment, displayName, appId, roles, app }) => ({
    Environment: environment,
    ...(app === undefined ? {} : { App: app }),
    Registration: displayName,
    AppId: appId,
    ...(Array.isArray(roles) ? { Roles: roles.length } : {}),
  }));
}

export const listEnvironments = defineCommand({
  options: { app: { kind: "text", flags: ["--app"], summary: "Only those of one app." } },
  examples: [{ summary: "Which environments has an app?", line: "postern env list --app notes --output table" }],
  run: async (context, args) => {
    const { graph } = await openSession(context);
    const filter = args.app === undefined ? undefined : `startswith(displayName,${quoteOData(`${args.app}-`)})`;
    const applications = await graph.list(`/applications${filter === undefined ? "" : filterQuery(filter)}`);
    const found = applications.flatMap(({ tags, displayName, appId }) => {
      const [app, environment] = [tagValue(tags, APP_TAG), tagValue(tags, ENVIRONMENT_TAG)];
      const isWanted = app !== undefined && environment !== undefined && (args.app === undefined || app === args.app);
      return isWanted ? [{ app, environment, displayName, appId }] : [];
    });
    return { data: found, toRows };
  },
});

function tagValue(tags: unknown, start: string): string | undefined {
  const tag = Array.isArray(tags) ? tags.find((one) => String(one).startsWith(start)) : undefined;
  return tag === undefined ? undefined : String(tag).slice(start.length);
}
