/** The commands that only this command line has. Each command's module is loaded only when it is run or asked about. May use: ../command.ts, for the type. */
import type { Entry } from "../command.ts";

export const ownEntries: readonly Entry[] = [
  { path: "up", summary: "Start the cloud.", load: () => import("../../commands/up.ts") },
  { path: "down", summary: "Stop the cloud.", load: () => import("../../commands/down.ts") },
  {
    path: "upgrade-check",
    summary: "Say what starting this version would do, and whether there is a way back.",
    load: () => import("../../commands/upgrade-check.ts"),
  },
  {
    path: "status",
    summary: "Show whether the cloud runs, and where.",
    load: () => import("../../commands/status.ts"),
  },
  { path: "run", summary: "Run a program against the cloud, unmodified.", load: () => import("../../commands/run.ts") },
  {
    path: "env",
    summary: "Print the variables an app signs in with.",
    load: () => import("../../commands/env/show.ts"),
  },
  {
    path: "explain",
    summary: "Say why somebody may or may not, and which role mends it.",
    load: () => import("../../commands/access/explain.ts"),
  },
  {
    path: "who-can",
    summary: "List who may do something at a place.",
    load: () => import("../../commands/access/who-can.ts"),
  },
  {
    path: "what-can",
    summary: "List everything somebody may do.",
    load: () => import("../../commands/access/what-can.ts"),
  },
  {
    path: "drill delay",
    summary: "Let role assignments and new principals take a while.",
    load: () => import("../../commands/drill/delay.ts"),
  },
  { path: "drill list", summary: "List the drills that are on.", load: () => import("../../commands/drill/list.ts") },
  {
    path: "drill start",
    summary: "Make requests fail or wait, on purpose and repeatably.",
    load: () => import("../../commands/drill/start.ts"),
  },
  { path: "drill stop", summary: "Stop a drill.", load: () => import("../../commands/drill/stop.ts") },
  {
    path: "soft-mode create",
    summary: "For a time, deny nothing at a scope, and record what would have been.",
    load: () => import("../../commands/soft-mode/create.ts"),
  },
  {
    path: "soft-mode delete",
    summary: "Switch a soft mode off.",
    load: () => import("../../commands/soft-mode/delete.ts"),
  },
  {
    path: "soft-mode list",
    summary: "List the soft modes that are on.",
    load: () => import("../../commands/soft-mode/list.ts"),
  },
  {
    path: "learn",
    summary: "Find the roles a program needs, and prove them.",
    load: () => import("../../commands/learn.ts"),
  },
  {
    path: "access learned",
    summary: "List the roles for what somebody has used already.",
    load: () => import("../../commands/access/learned.ts"),
  },
  {
    path: "access diff",
    summary: "List who gained and lost access between two times.",
    load: () => import("../../commands/access/diff.ts"),
  },
  { path: "keys list", summary: "List signing keys.", load: () => import("../../commands/keys/list.ts") },
  {
    path: "keys rotate",
    summary: "Make a new signing key; tokens issued so far hold on.",
    load: () => import("../../commands/keys/rotate.ts"),
  },
  {
    path: "secrets list",
    summary: "List secrets and certificates of all apps by when they end.",
    load: () => import("../../commands/secrets/list.ts"),
  },
  {
    path: "env create",
    summary: "Register an app once for each environment, with its roles.",
    load: async () => ({ command: (await import("../../commands/env/create.ts")).createEnvironments }),
  },
  {
    path: "env list",
    summary: "List the environments that were made so.",
    load: async () => ({ command: (await import("../../commands/env/create.ts")).listEnvironments }),
  },
  {
    path: "systemd",
    summary: "Print a hardened systemd unit that signs an app in.",
    load: () => import("../../commands/systemd.ts"),
  },
  {
    path: "doctor",
    summary: "Find out why an app cannot sign in here, or will not much longer.",
    load: () => import("../../commands/doctor.ts"),
  },
  {
    path: "secrets rotate",
    summary: "Give an app a new secret, and the old one time to go.",
    load: () => import("../../commands/secrets/rotate.ts"),
  },
  {
    path: "export",
    summary: "Write the cloud down, to be made again elsewhere.",
    load: () => import("../../commands/export.ts"),
  },
  {
    path: "import",
    summary: "Make what az wrote down, or an ARM template holds.",
    load: () => import("../../commands/import.ts"),
  },
  { path: "apply", summary: "Make what an ARM template holds.", load: () => import("../../commands/apply.ts") },
  { path: "logs", summary: "Show what was signed in and decided.", load: () => import("../../commands/logs.ts") },
  {
    path: "completion",
    summary: "Print a completion script for a shell.",
    load: () => import("../../commands/completion.ts"),
  },
  { path: "man", summary: "Print the manual page.", load: () => import("../../commands/man.ts") },
  {
    path: "backup",
    summary: "Copy the whole cloud, while it runs.",
    load: () => import("../../commands/backup/backup.ts"),
  },
  {
    path: "storage check",
    summary: "Read all of Blob storage, and say what is damaged.",
    load: () => import("../../commands/storage/check.ts"),
  },
  { path: "restore", summary: "Make a cloud of a backup.", load: () => import("../../commands/backup/restore.ts") },
];
