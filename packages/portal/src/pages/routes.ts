/** Every address of the portal and the page it shows: the file is loaded when it is first opened. The first pattern that fits counts. */
import type { ComponentType } from "react";
import type { Params } from "../router/match.ts";

export type PageProps = { readonly params: Params };

export type Route = {
  readonly pattern: string;
  readonly load: () => Promise<{ readonly default: ComponentType<PageProps> }>;
};

/** A page whose overview stands at the address itself, and each section one step below. */
function withSections(pattern: string, load: Route["load"]): readonly Route[] {
  return [
    { pattern, load },
    { pattern: `${pattern}/:section`, load },
  ];
}

export const routes: readonly Route[] = [
  { pattern: "/portal", load: () => import("./home.tsx") },
  { pattern: "/portal/app-registrations", load: () => import("./app-registrations.tsx") },
  { pattern: "/portal/app-registrations/new", load: () => import("./register-application.tsx") },
  { pattern: "/portal/app-registrations/:id", load: () => import("./app-overview.tsx") },
  { pattern: "/portal/app-registrations/:id/credentials", load: () => import("./app-credentials.tsx") },
  { pattern: "/portal/app-registrations/:id/api-permissions", load: () => import("./app-permissions.tsx") },
  { pattern: "/portal/app-registrations/:id/owners", load: () => import("./app-owners.tsx") },
  { pattern: "/portal/resource-groups", load: () => import("./resource-groups.tsx") },
  { pattern: "/portal/resource-groups/:subscriptionId/:group", load: () => import("./resource-group.tsx") },
  { pattern: "/portal/storage-accounts", load: () => import("./storage-accounts.tsx") },
  { pattern: "/portal/storage-accounts/:subscriptionId/:group/:account", load: () => import("./storage-account.tsx") },
  {
    pattern: "/portal/storage-accounts/:subscriptionId/:group/:account/containers",
    load: () => import("./containers.tsx"),
  },
  {
    pattern: "/portal/storage-accounts/:subscriptionId/:group/:account/containers/:container",
    load: () => import("./blobs.tsx"),
  },
  { pattern: "/portal/subscriptions", load: () => import("./subscriptions.tsx") },
  { pattern: "/portal/subscriptions/:subscriptionId", load: () => import("./subscription.tsx") },
  ...[
    "/portal/subscriptions/:subscriptionId",
    "/portal/resource-groups/:subscriptionId/:group",
    "/portal/storage-accounts/:subscriptionId/:group/:account",
    "/portal/storage-accounts/:subscriptionId/:group/:account/containers/:container",
  ].flatMap((place) => [
    { pattern: `${place}/access-control`, load: () => import("./access-control.tsx") },
    { pattern: `${place}/access-control/add-role-assignment`, load: () => import("./add-role-assignment.tsx") },
    { pattern: `${place}/access-control/add-custom-role`, load: () => import("./add-custom-role.tsx") },
  ]),
  { pattern: "/portal/users", load: () => import("./users.tsx") },
  { pattern: "/portal/groups", load: () => import("./groups.tsx") },
  { pattern: "/portal/enterprise-applications", load: () => import("./enterprise-applications.tsx") },
  { pattern: "/portal/managed-identities", load: () => import("./managed-identities.tsx") },
  ...withSections("/portal/users/:id", () => import("./user.tsx")),
  ...withSections("/portal/groups/:id", () => import("./group.tsx")),
  ...withSections("/portal/enterprise-applications/:id", () => import("./enterprise-application.tsx")),
  ...withSections(
    "/portal/managed-identities/:subscriptionId/:group/:identity",
    () => import("./managed-identity.tsx"),
  ),
  { pattern: "/portal/activity", load: () => import("./activity.tsx") },
  { pattern: "/portal/explain", load: () => import("./explain.tsx") },
  { pattern: "/portal/learn", load: () => import("./learn.tsx") },
  { pattern: "/portal/access-map", load: () => import("./access-map.tsx") },
];
