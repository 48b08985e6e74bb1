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
];

/** @returns services whose name or keywords hold all the words, best first: names that begin with them. */
export function findServices(words: string): Service[] {
  const parts = words.toLowerCase().split(/\s+/).filter(Boolean);
  const rank = ({ name }: Service) => (name.toLowerCase().startsWith(words.trim().toLowerCase()) ? 0 : 1);
  return services
    .filter(({ name, keywords }) => parts.every((part) => `${name} ${keywords}`.toLowerCase().includes(part)))
    .sort((a, b) => rank(a) - rank(b));
}
