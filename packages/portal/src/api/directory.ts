/** Users, groups and enterprise applications, as far as the portal shows them. @see https://learn.microsoft.com/graph/api/overview */
import { type DirectoryObject, graph, graphAll } from "./graph.ts";

export type User = {
  readonly id: string;
  readonly displayName: string;
  readonly userPrincipalName: string;
  readonly accountEnabled: boolean;
  readonly createdDateTime: string | null;
  readonly jobTitle: string | null;
  readonly department: string | null;
  readonly deletedDateTime?: string | null;
};

export type Group = {
  readonly id: string;
  readonly displayName: string;
  readonly description: string | null;
  readonly createdDateTime: string | null;
  readonly deletedDateTime?: string | null;
};

export type EnterpriseApplication = {
  readonly id: string;
  readonly appId: string;
  readonly displayName: string;
  readonly accountEnabled: boolean;
  readonly appRoleAssignmentRequired: boolean;
  readonly servicePrincipalType: string;
  readonly appOwnerOrganizationId: string | null;
  readonly deletedDateTime?: string | null;
};

export const userMembers = "id,displayName,userPrincipalName,accountEnabled,createdDateTime,jobTitle,department";

export function getUser(id: string): Promise<User> {
  return graph("GET", `/users/${encodeURIComponent(id)}?$select=${userMembers}`);
}

export function getGroup(id: string): Promise<Group> {
  return graph("GET", `/groups/${encodeURIComponent(id)}`);
}

export function getEnterpriseApplication(id: string): Promise<EnterpriseApplication> {
  return graph("GET", `/servicePrincipals/${encodeURIComponent(id)}`);
}

/** The names people's user names can end with, the usual one first. */
export async function listDomains(): Promise<readonly string[]> {
  const domains = await graphAll<{ id: string; isDefault: boolean }>("/domains");
  return domains.sort((a, b) => Number(b.isDefault) - Number(a.isDefault)).map(({ id }) => id);
}

/** Objects one list refers to: members, owners, groups. */
export function listReferences(list: string): Promise<DirectoryObject[]> {
  return graphAll<DirectoryObject>(list);
}

export function addReference(list: string, id: string): Promise<void> {
  return graph("POST", `${list}/$ref`, { "@odata.id": `https://graph.microsoft.com/v1.0/directoryObjects/${id}` });
}

export function removeReference(list: string, id: string): Promise<void> {
  return graph("DELETE", `${list}/${id}/$ref`);
}

/** Of each kind one, so that no rule about passwords is missed; without what is taken for another when it is read off a page. */
const passwordKinds = ["abcdefghijkmnpqrstuvwxyz", "ABCDEFGHJKLMNPQRSTUVWXYZ", "23456789", "-_.~"] as const;
/** Characters of a made password: some 110 bits. */
const passwordChars = 20;

/** A password nobody could guess, with all four kinds of characters. */
export function makePassword(): string {
  const all = passwordKinds.join("");
  for (;;) {
    const made = Array.from({ length: passwordChars }, () => all[pickBelow(all.length)]).join("");
    if (passwordKinds.every((kind) => [...kind].some((char) => made.includes(char)))) return made;
  }
}

/** Evenly: bytes that would favour the first ones are thrown away. */
function pickBelow(count: number): number {
  const limit = 256 - (256 % count);
  for (;;) {
    const [byte = limit] = crypto.getRandomValues(new Uint8Array(1));
    if (byte < limit) return byte % count;
  }
}

export type SignIn = {
  readonly id: string;
  readonly createdDateTime: string;
  readonly userDisplayName: string | null;
  readonly userPrincipalName: string | null;
  readonly userId: string | null;
  readonly appDisplayName: string | null;
  readonly appId: string | null;
  readonly resourceDisplayName: string | null;
  readonly servicePrincipalId: string | null;
  readonly servicePrincipalName: string | null;
  readonly correlationId: string;
  readonly authenticationProtocol: string | null;
  readonly status: { readonly errorCode: number; readonly failureReason: string };
};

/** Sign-ins since a time, newest first: the first page, which is the newest. */
export async function listSignIns(since: string): Promise<readonly SignIn[]> {
  const filter = encodeURIComponent(`createdDateTime ge ${since}`);
  const { value } = await graph<{ value: SignIn[] }>("GET", `/auditLogs/signIns?$filter=${filter}&$top=500`);
  return value;
}
