/**
 * Applications and service principals in Graph, as `az ad` finds, makes and changes them. May use: identifiers.ts, http/.
 * @see https://learn.microsoft.com/graph/api/resources/application
 * @see https://learn.microsoft.com/graph/api/resources/serviceprincipal
 */
import { failure, notFound } from "../faults.ts";
import type { Json, ServiceClient } from "../http/service-client.ts";
import { ServiceFault } from "../http/service-fault.ts";
import type { Notes } from "../notes.ts";
import { addYears, filterQuery, isGuid, quoteOData } from "./identifiers.ts";

/** Whether a credential belongs to the application or to its service principal: they share one interface. */
export type CredentialOwner = "applications" | "servicePrincipals";

export interface Lifetime {
  readonly start: Date;
  readonly end: Date;
}

/** az's `--id` of an application: appId, object ID or identifier URI. @returns the object ID; a GUID nobody knows is returned as it is. */
export async function resolveApplication(graph: ServiceClient, identifier: string): Promise<string> {
  const isId = isGuid(identifier);
  const filter = isId ? `appId eq ${quoteOData(identifier)}` : `identifierUris/any(s:s eq ${quoteOData(identifier)})`;
  const [found] = await graph.list(`/applications${filterQuery(filter)}`);
  if (found !== undefined) return String(found.id);
  if (isId) return identifier;
  throw missing(`Application with identifier URI '${identifier}' doesn't exist`);
}

/** az's `--id` of a service principal: a service principal name (its appId is one) or object ID. @returns the object ID. */
export async function resolveServicePrincipal(graph: ServiceClient, identifier: string): Promise<string> {
  const [found] = await listServicePrincipals(graph, `servicePrincipalNames/any(c:c eq ${quoteOData(identifier)})`);
  if (found !== undefined) return String(found.id);
  if (isGuid(identifier)) return identifier;
  throw missing(`Service principal '${identifier}' doesn't exist`);
}

/** As if Graph had answered 404: exit code 3 of a `show`, 1 of all else, as in az. */
function missing(message: string): ServiceFault {
  return new ServiceFault("failure", { service: "graph", status: 404, code: "", message });
}

/** The application az's `--id` means, as Graph shows it. */
export async function getApplication(graph: ServiceClient, identifier: string): Promise<Json> {
  return graph.json("GET", `/applications/${encodeURIComponent(await resolveApplication(graph, identifier))}`);
}

/** The service principal az's `--id` means, as Graph shows it. */
export async function getServicePrincipal(graph: ServiceClient, identifier: string): Promise<Json> {
  return graph.json(
    "GET",
    `/servicePrincipals/${encodeURIComponent(await resolveServicePrincipal(graph, identifier))}`,
  );
}

export function listServicePrincipals(graph: ServiceClient, filter: string): Promise<Json[]> {
  return graph.list(`/servicePrincipals${filterQuery(filter)}`);
}

/** How long a new secret lasts. @param years az's `--years`; @param endDate az's `--end-date`, read as UTC when it names no zone. */
export function readLifetime(now: Date, years: number | undefined, endDate: string | undefined): Lifetime {
  if (years !== undefined && endDate !== undefined) throw failure("usage error: --years | --end-date");
  if (endDate === undefined) return { start: now, end: addYears(now, years ?? 1) };
  const hasZone = /(?:z|[+-]\d{2}:?\d{2})$/i.test(endDate) || !endDate.includes("T");
  const end = new Date(hasZone ? endDate : `${endDate}Z`);
  if (Number.isNaN(end.getTime())) throw failure(`Unknown string format: ${endDate}`);
  return { start: now, end };
}

/** Adds a client secret. @returns its text, which no later call will show. */
export async function addPassword(
  graph: ServiceClient,
  owner: CredentialOwner,
  objectId: string,
  displayName: string | null,
  { start, end }: Lifetime,
): Promise<string> {
  const passwordCredential = { displayName, startDateTime: toSeconds(start), endDateTime: toSeconds(end) };
  const answer = await graph.json("POST", `/${owner}/${objectId}/addPassword`, { passwordCredential });
  if (typeof answer.secretText !== "string") throw failure("Graph answered addPassword without a secret.");
  return answer.secretText;
}

export async function removePasswords(graph: ServiceClient, owner: CredentialOwner, object: Json): Promise<void> {
  for (const { keyId } of listPasswords(object)) {
    await graph.send("POST", `/${owner}/${String(object.id)}/removePassword`, { keyId });
  }
}

export function listPasswords(object: Json): Json[] {
  return Array.isArray(object.passwordCredentials) ? (object.passwordCredentials as Json[]) : [];
}

/**
 * Makes an application, or, as az does, changes the one there is of its name.
 * @param body of a new application; its display name decides, and its identifier URIs where it has some.
 */
export async function createOrPatchApplication(graph: ServiceClient, body: Json, notes: Notes): Promise<Json> {
  const displayName = String(body.displayName);
  const filter = `startswith(displayName,${quoteOData(displayName)})`;
  const wanted = Array.isArray(body.identifierUris) ? body.identifierUris : [];
  const existing = (await graph.list(`/applications${filterQuery(filter)}`)).filter(
    (app) =>
      app.displayName === displayName &&
      wanted.every((uri) => Array.isArray(app.identifierUris) && app.identifierUris.includes(uri)),
  );
  if (existing.length > 1) {
    const ids = existing.map(({ id }) => String(id)).join(", ");
    throw failure(
      `More than one application have the same display name '${displayName}': (id) ${ids}, please remove them first.`,
    );
  }
  const [found] = existing;
  if (found === undefined) return createApplication(graph, body);
  const id = String(found.id);
  notes.warn(`Found an existing application instance: (id) ${id}. We will patch it.`);
  const { keyCredentials, ...rest } = body;
  // No certificate given: those it has stay.
  const hasKeys = Array.isArray(keyCredentials) && keyCredentials.length > 0;
  await graph.send("PATCH", `/applications/${id}`, hasKeys ? body : rest);
  return graph.json("GET", `/applications/${id}`);
}

async function createApplication(graph: ServiceClient, body: Json): Promise<Json> {
  try {
    return await graph.json("POST", "/applications", body);
  } catch (error) {
    if (!(error instanceof ServiceFault) || !/insufficient privileges/i.test(error.message)) throw error;
    const link =
      "https://learn.microsoft.com/azure/azure-resource-manager/resource-group-create-service-principal-portal";
    throw failure(
      "Directory permission is needed for the current user to register the application. " +
        `For how to configure, please refer '${link}'. Original error: ${error.message}`,
    );
  }
}

/** An app as people name it: its appId or its display name. @throws CliFault (not-found) when there is none. */
export async function findApplication(graph: ServiceClient, name: string): Promise<Json> {
  const filter = isGuid(name) ? `appId eq ${quoteOData(name)}` : `displayName eq ${quoteOData(name)}`;
  const found = await graph.list(`/applications${filterQuery(filter)}`);
  const [application, ...others] = found;
  if (application === undefined) {
    throw notFound(`There is no app '${name}'.`, `Register it with: postern ad sp create-for-rbac --name ${name}`);
  }
  if (others.length === 0) return application;
  const appIds = found.map(({ appId }) => String(appId)).join(", ");
  throw failure(`More than one app is named '${name}'. Name it by its appId: ${appIds}`);
}

/** Graph times to the second, as az sends them. */
function toSeconds(time: Date): string {
  return time.toISOString().replace(/\.\d+Z$/, "Z");
}
