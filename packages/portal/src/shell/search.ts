/** What the search box finds: services at once, then resource groups, resources and directory objects that the person may see. */
import { listResourceGroups, listResources, partsOfId, portalPathOf } from "../api/arm.ts";
import { graphPage, searchClause } from "../api/graph.ts";
import type { IconName } from "../components/icon.tsx";
import { shell } from "../texts/shell.ts";
import { findServices, services } from "./services.ts";

export type Found = {
  readonly key: string;
  readonly name: string;
  readonly detail: string;
  readonly icon: IconName;
  readonly to: string;
};

export type FoundGroup = { readonly title: string; readonly items: readonly Found[] };

/** Items shown of each kind. */
const maxOfKind = 6;

export function searchServices(words: string): FoundGroup {
  const found = words.trim() === "" ? services : findServices(words);
  const items = found.map(({ name, path, icon }) => ({ key: path, name, detail: "", icon, to: path }));
  return { title: shell.groupServices, items };
}

/** What has to be asked for; a plane that refuses is left out. */
export async function searchCloud(words: string): Promise<readonly FoundGroup[]> {
  const groups = await Promise.all([
    orNothing(searchResourceGroups(words)),
    orNothing(searchResources(words)),
    orNothing(searchDirectory(words)),
  ]);
  return groups.filter((group): group is FoundGroup => group !== undefined && group.items.length > 0);
}

function orNothing(asked: Promise<FoundGroup>): Promise<FoundGroup | undefined> {
  return asked.catch(() => undefined);
}

function holds(name: string, words: string): boolean {
  return name.toLowerCase().includes(words.trim().toLowerCase());
}

async function searchResourceGroups(words: string): Promise<FoundGroup> {
  const found = (await listResourceGroups()).filter(({ name }) => holds(name, words)).slice(0, maxOfKind);
  const items = found.map(({ id, name, location }) => ({
    key: id,
    name,
    detail: location,
    icon: "group" as const,
    to: portalPathOf(id),
  }));
  return { title: shell.groupResourceGroups, items };
}

async function searchResources(words: string): Promise<FoundGroup> {
  const found = (await listResources()).filter(({ name }) => holds(name, words)).slice(0, maxOfKind);
  const items = found.map(({ id, name, type }) => ({
    key: id,
    name,
    detail: `${type.split("/").at(-1)}, ${partsOfId(id).resourceGroup}`,
    icon: type.toLowerCase().includes("storage") ? ("storage" as const) : ("identity" as const),
    to: portalPathOf(id),
  }));
  return { title: shell.groupResources, items };
}

type DirectoryKind = {
  readonly source: string;
  readonly kind: string;
  readonly icon: IconName;
  readonly path: string;
};

const directoryKinds: readonly DirectoryKind[] = [
  { source: "applications", kind: shell.kindApplication, icon: "app", path: "/portal/app-registrations" },
  { source: "users", kind: shell.kindUser, icon: "person", path: "/portal/users" },
  { source: "groups", kind: shell.kindGroup, icon: "people", path: "/portal/groups" },
];

async function searchDirectory(words: string): Promise<FoundGroup> {
  const found = await Promise.all(directoryKinds.map((kind) => searchKind(kind, words).catch(() => [])));
  return { title: shell.groupDirectory, items: found.flat() };
}

async function searchKind({ source, kind, icon, path }: DirectoryKind, words: string): Promise<Found[]> {
  const { items } = await graphPage<{ readonly id: string; readonly displayName: string }>(
    `/${source}?$select=id,displayName&$top=${maxOfKind}&${searchClause(words)}`,
  );
  return items.map(({ id, displayName }) => ({ key: id, name: displayName, detail: kind, icon, to: `${path}/${id}` }));
}
