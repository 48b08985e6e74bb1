/**
 * `postern run`: starts a program in an environment in which Azure is the cloud on this machine. May use: launch/, app-credential.ts.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findCredential, OPERATOR } from "../app-credential.ts";
import { defineCommand } from "../command/command.ts";
import { ensureAzSignedIn, isAz, needsAccount } from "../launch/az-sign-in.ts";
import { runChild } from "../launch/child.ts";
import { launchEnvironment } from "../launch/environment.ts";
import { openSession } from "../session.ts";

export const command = defineCommand({
  options: {
    as: {
      kind: "text",
      flags: ["--as"],
      valueName: "APP",
      summary:
        "Sign the program in as this app (display name or appId, or: operator): sets the three AZURE_* variables.",
    },
    withAz: {
      kind: "flag",
      flags: ["--with-az"],
      summary: "Sign az in too, for a program that calls it. Not needed when the program is az.",
    },
  },
  rest: { name: "PROGRAM", summary: "The program and its arguments, passed on untouched." },
  examples: [
    { summary: "An unmodified app, signed in as itself", line: "postern run --as my-app -- python app.py" },
    { summary: "The real az, signed in as the operator", line: "postern run -- az storage account list" },
    {
      summary: "The real az, signed in as an app",
      line: "postern run --as my-app -- az storage blob list --auth-mode login ...",
    },
    { summary: "A shell in which everything finds this cloud", line: "postern run --with-az -- bash" },
  ],
  run: async (context, args, { rest }) => {
    const session = await openSession(context);
    const { status, paths } = session;
    const program = rest[0]!;
    const needsAz = args.withAz || (isAz(program) && needsAccount(rest.slice(1)));
    const wanted = args.as ?? (needsAz ? OPERATOR : undefined);
    const identity = wanted === undefined ? undefined : await findCredential(session, wanted, context.notes);
    const isOperator = identity === undefined || identity.appId === session.operator.clientId;
    const azConfigDir = join(paths.clients, isOperator ? "az" : `az-${identity.appId}`);
    const env = launchEnvironment({
      parent: context.env,
      proxyUrl: status.proxyUrl,
      caBundle: status.caBundle,
      stateDir: paths.stateDir,
      azConfigDir,
      preloadFile: fileURLToPath(context.preload),
      credential: args.as === undefined ? undefined : identity,
    });
    if (needsAz && identity !== undefined) {
      await ensureAzSignedIn({
        program: isAz(program) ? program : "az",
        configDir: azConfigDir,
        env,
        identity: { ...identity, clientId: identity.appId },
        sayProgress: (text) => context.notes.progress(text),
      });
    }
    const exitCode = await runChild({
      command: rest,
      env,
      isOnTerminal: context.isStdinTerminal,
      sayError: (text) => context.notes.error(text),
    });
    return { exitCode };
  },
});
