/** Every address of the portal and the page it shows: the file is loaded when it is first opened. The first pattern that fits counts. */
import type { ComponentType } from "react";
import type { Params } from "../router/match.ts";

export type PageProps = { readonly params: Params };

export type Route = {
  readonly pattern: string;
  readonly load: () => Promise<{ readonly default: ComponentType<PageProps> }>;
};

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
];
