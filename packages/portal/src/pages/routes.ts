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
];
