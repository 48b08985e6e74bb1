/**
 * `postern run`: starts a program in an environment in which Azure is the cloud on this machine. May use: launch/, app-credential.ts.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findCredential, OPERATOR } from "../app-credential.ts";
import { findManagedIdentity } from "../azure/managed-identities.ts";
import { type Context, defineCommand } from "../command/command.ts";
import { usageFault } from "../faults.ts";
import type { Json } from "../http/service-client.ts";
import { ensureAzSignedIn, isAz, needsAccount } from "../launch/az-sign-in.ts";
import { runChild } from "../launch/child.ts";
import { launchEnvironment } from "../launch/environment.ts";
import { type IdentityForm, identityFormNames, withIdentitySession } from "../launch/identity-session.ts";
import { findSubscriptionId, openSession, type Session } from "../session.ts";

export const command = defineCommand({
  options: {
    as: {
      kind: "text",
      flags: ["--as"],
      valueName: "APP",
      summary:
        "Sign the program in as this app (display name or appId, or: operator): sets the three AZURE_* variables.",
    },
    identity: {
      kind: "text",
      flags: ["--identity"],
      valueName: "IDENTITY",
      summary:
        "Let the program have tokens of this managed identity (name, resource id or client id), as on a machine of Azure's: no secret.",
    },
    identityForm: {
      kind: "text",
      flags: ["--identity-form"],
      choices: identityFormNames,
      summary:
        "Where the program finds them: as on App Service, a virtual machine or an Azure Arc server. Default: app-service.",
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
    {
      summary: "An unmodified app, as a managed identity",
      line: "postern run --identity worker -- python app.py",
    },
    { summary: "A shell in which everything finds this cloud", line: "postern run --with-az -- bash" },
  ],
  run: async (context, args, { rest }) => {
    if (args.as !== undefined && args.identity !== undefined)
      throw usageFault("--as and --identity cannot be used together: a program is signed in as one of them.");
    if (args.identityForm !== undefined && args.identity === undefined)
      throw usageFault("--identity-form goes with --identity.");
    const session = await openSession(context);
    if (args.identity === undefined) return { exitCode: await runProgram(context, session, args, rest) };
    const found = await findManagedIdentity(session, await findSubscriptionId(context, session), args.identity);
    const form = (args.identityForm ?? "app-service") as IdentityForm;
    const wanted = { resourceId: String(found.id), form };
    const exitCode = await withIdentitySession(session, wanted, context.notes, (variables) =>
      runProgram(context, session, args, rest, { variables, clientId: String((found.properties as Json).clientId) }),
    );
    return { exitCode };
  },
});

/** @param machine what an identity session gives the program; an az that is run so is nobody's yet, and has a folder of its own. */
async function runProgram(
  context: Context,
  session: Session,
  args: { readonly as: string | undefined; readonly withAz: boolean },
  rest: readonly string[],
  machine?: { readonly variables: Readonly<Record<string, string>>; readonly clientId: string },
): Promise<number> {
  const { status, paths } = session;
  const program = rest[0]!;
  const needsAz = args.withAz || (machine === undefined && isAz(program) && needsAccount(rest.slice(1)));
  const wanted = args.as ?? (needsAz ? OPERATOR : undefined);
  const identity = wanted === undefined ? undefined : await findCredential(session, wanted, context.notes);
  const isOperator = identity === undefined || identity.appId === session.operator.clientId;
  const azFolder = machine !== undefined && !args.withAz ? `az-${machine.clientId}` : undefined;
  const azConfigDir = join(paths.clients, azFolder ?? (isOperator ? "az" : `az-${identity.appId}`));
  const env = launchEnvironment({
    parent: context.env,
    proxyUrl: status.proxyUrl,
    caBundle: status.caBundle,
    stateDir: paths.stateDir,
    azConfigDir,
    preloadFile: fileURLToPath(context.preload),
    credential: args.as === undefined ? undefined : identity,
    identityVariables: machine?.variables,
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
  return runChild({
    command: rest,
    env,
    isOnTerminal: context.isStdinTerminal,
    sayError: (text) => context.notes.error(text),
  });
}
