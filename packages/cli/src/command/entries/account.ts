/** az's commands about signing in, and any request. Each command's module is loaded only when it is run or asked about. May use: ../command.ts, for the type. */
import type { Entry } from "../command.ts";

export const accountEntries: readonly Entry[] = [
  {
    path: "account clear",
    summary: "Sign everybody out.",
    load: async () => ({ command: (await import("../../commands/session/logout.ts")).clear }),
  },
  {
    path: "account get-access-token",
    summary: "Get an access token of the operator.",
    load: () => import("../../commands/account/get-access-token.ts"),
  },
  { path: "account list", summary: "List subscriptions.", load: () => import("../../commands/account/list.ts") },
  {
    path: "account set",
    summary: "Choose the subscription commands work in.",
    load: () => import("../../commands/account/set.ts"),
  },
  {
    path: "account show",
    summary: "Show the subscription in use.",
    load: () => import("../../commands/account/show.ts"),
  },
  {
    path: "cloud list",
    summary: "List the clouds there are.",
    load: async () => ({ command: (await import("../../commands/cloud/clouds.ts")).listClouds }),
  },
  {
    path: "cloud register",
    summary: "Register a cloud.",
    load: async () => ({ command: (await import("../../commands/cloud/clouds.ts")).registerCloud }),
  },
  {
    path: "cloud set",
    summary: "Choose the cloud commands work on.",
    load: async () => ({ command: (await import("../../commands/cloud/clouds.ts")).setCloud }),
  },
  {
    path: "cloud show",
    summary: "Show a cloud.",
    load: async () => ({ command: (await import("../../commands/cloud/clouds.ts")).showCloud }),
  },
  {
    path: "cloud update",
    summary: "Change what is known of a registered cloud.",
    load: async () => ({ command: (await import("../../commands/cloud/clouds.ts")).updateCloud }),
  },
  {
    path: "cloud unregister",
    summary: "Forget a registered cloud.",
    load: async () => ({ command: (await import("../../commands/cloud/clouds.ts")).unregisterCloud }),
  },
  { path: "login", summary: "Sign in.", load: () => import("../../commands/session/login.ts") },
  {
    path: "logout",
    summary: "Sign out.",
    load: async () => ({ command: (await import("../../commands/session/logout.ts")).logout }),
  },
  { path: "rest", summary: "Send any request, with the right token.", load: () => import("../../commands/rest.ts") },
];
