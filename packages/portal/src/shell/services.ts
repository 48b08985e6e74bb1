/** The services of the portal: what the search box finds, and what the menu at the left lists. */
import type { IconName } from "../components/icon.tsx";
import { shell } from "../texts/shell.ts";

export type Service = {
  readonly name: string;
  readonly path: string;
  readonly icon: IconName;
  /** Other words people look for it by, in lower case. */
  readonly keywords: string;
};

const { services: names } = shell;

export const services: readonly Service[] = [
  {
    name: names.appRegistrations,
    path: "/portal/app-registrations",
    icon: "app",
    keywords: "applications entra client secret id azure active directory",
  },
  { name: names.resourceGroups, path: "/portal/resource-groups", icon: "group", keywords: "rg iam access control" },
  { name: names.storageAccounts, path: "/portal/storage-accounts", icon: "storage", keywords: "blob containers data" },
  { name: names.subscriptions, path: "/portal/subscriptions", icon: "subscription", keywords: "iam roles" },
  { name: names.users, path: "/portal/users", icon: "person", keywords: "people accounts password entra" },
  { name: names.groups, path: "/portal/groups", icon: "people", keywords: "members entra" },
  {
    name: names.enterpriseApplications,
    path: "/portal/enterprise-applications",
    icon: "app",
    keywords: "service principals entra consent",
  },
  {
    name: names.managedIdentities,
    path: "/portal/managed-identities",
    icon: "identity",
    keywords: "user assigned federated msi",
  },
  { name: names.activity, path: "/portal/activity", icon: "activity", keywords: "live sign-ins log denied audit" },
  { name: names.explain, path: "/portal/explain", icon: "question", keywords: "why denied who can check access" },
  { name: names.learn, path: "/portal/learn", icon: "learn", keywords: "smallest roles least privilege custom role" },
  { name: names.accessMap, path: "/portal/access-map", icon: "map", keywords: "graph who has access past difference" },
];

/** @returns services whose name or keywords hold all the words, best first: names that begin with them. */
export function findServices(words: string): Service[] {
  const parts = words.toLowerCase().split(/\s+/).filter(Boolean);
  const rank = ({ name }: Service) => (name.toLowerCase().startsWith(words.trim().toLowerCase()) ? 0 : 1);
  return services
    .filter(({ name, keywords }) => parts.every((part) => `${name} ${keywords}`.toLowerCase().includes(part)))
    .sort((a, b) => rank(a) - rank(b));
}
