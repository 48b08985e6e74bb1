/**
 * Who an assignee is: az's rules for `--assignee`, and names for principals. May use: applications.ts, identifiers.ts, http/.
 */
import { failure } from "../faults.ts";
import type { Json, ServiceClient } from "../http/service-client.ts";
import { ServiceFault } from "../http/service-fault.ts";
import type { Notes } from "../notes.ts";
import { listServicePrincipals } from "./applications.ts";
import { filterQuery, isGuid, quoteOData } from "./identifiers.ts";

export type PrincipalType = "User" | "ServicePrincipal" | "Group";

export interface Assignee {
  readonly objectId: string;
  /** undefined when Graph could not be asked. */
  readonly type: PrincipalType | undefined;
}

/** Graph takes at most so many IDs in one getByIds. @see https://learn.microsoft.com/graph/api/directoryobject-getbyids */
const MAX_IDS = 1000;

const principalTypes: Readonly<Record<string, PrincipalType>> = {
  "#microsoft.graph.user": "User",
  "#microsoft.graph.servicePrincipal": "ServicePrincipal",
  "#microsoft.graph.group": "Group",
};

/** Finds an assignee by user principal name, service principal name or object ID. @throws CliFault in az's words. */
export async function resolveAssignee(graph: ServiceClient, assignee: string, notes: Notes): Promise<Assignee> {
  try {
    return await lookUp(graph, assignee);
  } catch (error) {
    if (!(error instanceof ServiceFault)) throw error;
    notes.warn(
      `Failed to query ${assignee} by invoking Graph API. If you don't have permission to query Graph API, please ` +
        "specify --assignee-object-id and --assignee-principal-type.",
    );
    if (!isGuid(assignee)) throw error;
    notes.warn(`Assuming ${assignee} as an object ID.`);
    return { objectId: assignee, type: undefined };
  }
}

async function lookUp(graph: ServiceClient, assignee: string): Promise<Assignee> {
  if (assignee.includes("@")) {
    const [user] = await graph.list(`/users${filterQuery(`userPrincipalName eq ${quoteOData(assignee)}`)}`);
    if (user !== undefined) return { objectId: String(user.id), type: "User" };
  }
  const [principal] = await listServicePrincipals(graph, `servicePrincipalNames/any(c:c eq ${quoteOData(assignee)})`);
  if (principal !== undefined) return { objectId: String(principal.id), type: "ServicePrincipal" };
  if (isGuid(assignee)) {
    const [object] = await getByIds(graph, [assignee]);
    if (object !== undefined) return { objectId: String(object.id), type: typeOf(object) };
  }
  throw failure(
    `Cannot find user or service principal in graph database for '${assignee}'. If the assignee is an appId, make sure the ` +
      `corresponding service principal is created with 'az ad sp create --id ${assignee}'.`,
  );
}

/** The kind of a principal known by its object ID, or undefined when Graph does not say. */
export async function findPrincipalType(
  graph: ServiceClient,
  objectId: string,
  notes: Notes,
): Promise<PrincipalType | undefined> {
  try {
    const [object] = await getByIds(graph, [objectId]);
    return object === undefined ? undefined : typeOf(object);
  } catch (error) {
    if (!(error instanceof ServiceFault)) throw error;
    notes.warn(`Failed to query --assignee-principal-type for --assignee-object-id ${objectId} by invoking Graph API.`);
    return undefined;
  }
}

/** What principals are called: a user's principal name, a service principal's first name, a group's display name. */
export async function namePrincipals(graph: ServiceClient, ids: readonly string[]): Promise<Map<string, string>> {
  const objects = await getObjects(graph, ids);
  return new Map(objects.map((object) => [String(object.id), nameOf(object)]));
}

/** The objects of some IDs; those that are not there are left out. */
export async function getObjects(graph: ServiceClient, ids: readonly string[]): Promise<Json[]> {
  const objects: Json[] = [];
  for (let at = 0; at < ids.length; at += MAX_IDS)
    objects.push(...(await getByIds(graph, ids.slice(at, at + MAX_IDS))));
  return objects;
}

function getByIds(graph: ServiceClient, ids: readonly string[]): Promise<Json[]> {
  const types = ["user", "group", "servicePrincipal", "directoryObjectPartnerReference"];
  return graph.list("/directoryObjects/getByIds", { ids, types });
}

function typeOf(object: Json): PrincipalType | undefined {
  return principalTypes[String(object["@odata.type"])];
}

/** What a principal is called by people: a user's principal name, a service principal's first name, a group's display name. */
export function nameOf(object: Json): string {
  if (typeof object.userPrincipalName === "string") return object.userPrincipalName;
  if (Array.isArray(object.servicePrincipalNames)) return String(object.servicePrincipalNames[0] ?? "");
  return String(object.displayName ?? "");
}
