/**
 * `postern doctor`: walks the chain of DefaultAzureCredential in this environment, and says what each link found, what is wrong, and the next step.
 *
 * May use: diagnosis/, @postern/credential, launch/, session.ts. Nothing it prints is a secret.
 * @see https://learn.microsoft.com/azure/developer/python/sdk/authentication/credential-chains
 */
import { fileURLToPath } from "node:url";
import type { ChainStep } from "@postern/credential";
import { findCredential } from "../app-credential.ts";
import { type Context, defineCommand } from "../command/command.ts";
import { checkAuthority } from "../diagnosis/authority.ts";
import { describeFindings, type Finding, finding } from "../diagnosis/finding.ts";
import { checkNetworkVariables, checkVariables } from "../diagnosis/variables.ts";
import { describeError } from "../faults.ts";
import type { Json } from "../http/service-client.ts";
import { createTransport } from "../http/transport.ts";
import { runChild } from "../launch/child.ts";
import { launchEnvironment } from "../launch/environment.ts";
import { openOwnPlane } from "../own-plane.ts";
import { openSession } from "../session.ts";
import { statePathsOf } from "../state/paths.ts";
import { findRunning } from "../state/status.ts";

const EXPIRING_SOON_DAYS = 30;

export const command = defineCommand({
  options: {
    as: {
      kind: "text",
      flags: ["--as"],
      valueName: "APP",
      summary: "Look with the eyes of a program that `postern run --as APP` starts.",
    },
    resource: { kind: "text", flags: ["--resource"], summary: "What a token is asked for. Default: Resource Manager." },
  },
  examples: [
    { summary: "In the environment of this shell", line: "postern doctor" },
    {
      summary: "In that of a service",
      line: "systemd-run --pipe -p EnvironmentFile=/etc/my-app/azure.env postern doctor",
    },
    { summary: "As `postern run --as` would start it", line: "postern doctor --as my-app" },
  ],
  run: async (context, args) => {
    if (args.as !== undefined) return { exitCode: await runInside(context, args.as, args.resource) };
    const { env, notes, version } = context;
    const now = () => Date.now();
    const transport = createTransport({ notes, userAgent: `postern/${version}`, proxyEnvironment: env });
    const findings = [
      ...checkVariables(env, now()),
      ...checkNetworkVariables(env),
      ...(await checkAuthority(env, transport, now)),
      ...(await checkSecretsEnd(context)),
    ];
    notes.progress("Trying each link of the chain ...");
    const steps = await walkChain(args.resource ?? "https://management.azure.com");
    findings.push(...steps.map(describeStep));
    const hasToken = steps.some(({ outcome }) => outcome === "token");
    findings.push(
      hasToken
        ? finding(
            "result",
            "ok",
            `A program here signs in by ${steps.find(({ outcome }) => outcome === "token")?.credential}.`,
          )
        : finding(
            "result",
            "failure",
            "A program here cannot sign in.",
            (await findWayIn(context)) ?? firstStep(findings),
          ),
    );
    return { data: { canSignIn: hasToken, findings }, text: describeFindings(findings), exitCode: hasToken ? 0 : 1 };
  },
});

async function walkChain(resource: string): Promise<readonly ChainStep[]> {
  const { explainChain } = await import("@postern/credential");
  try {
    return await explainChain(`${resource.replace(/\/+$/, "")}/.default`);
  } catch (error) {
    // AZURE_TOKEN_CREDENTIALS names no link.
    return [{ credential: "DefaultAzureCredential", outcome: "failed", meaning: describeError(error) }];
  }
}

function describeStep({ credential, outcome, aadsts, meaning = "", remedy }: ChainStep): Finding {
  const text = `${aadsts === undefined ? "" : `AADSTS${aadsts}: `}${meaning}`;
  const states = { token: "ok", skipped: "note", failed: "failure", unused: "note" } as const;
  const words = {
    token: "It gave a token.",
    skipped: text,
    failed: text,
    unused: "Not asked: the chain ended before it.",
  };
  return finding(credential, states[outcome], words[outcome], outcome === "failed" ? (remedy ?? null) : null);
}

/** Where a cloud runs on this machine and nothing here leads to it, that is what is amiss: programs find it by the launcher's variables. */
async function findWayIn(context: Context): Promise<string | undefined> {
  const status = await findRunning(statePathsOf(context));
  const proxies = [context.env.HTTPS_PROXY, context.env.https_proxy];
  if (status === undefined || proxies.includes(status.proxyUrl) || context.env.AZURE_AUTHORITY_HOST) return undefined;
  return "A cloud runs on this machine, and only programs that it is told of find it: postern doctor --as APP, or postern run -- postern doctor";
}

function firstStep(findings: readonly Finding[]): string {
  const first = findings.find(({ state, next }) => state === "failure" && next !== null);
  return first?.next ?? "Give it variables to sign in with: postern env APP --format shell";
}

/** In the cloud on this machine the secret's end is known: by its first characters it is told which of the app's it is. */
async function checkSecretsEnd(context: Context): Promise<Finding[]> {
  const { AZURE_CLIENT_ID: appId, AZURE_CLIENT_SECRET: secret } = context.env;
  if (!appId || !secret || (await findRunning(statePathsOf(context))) === undefined) return [];
  let all: readonly Json[];
  try {
    all = await openOwnPlane(await openSession(context), "graph").list("/postern/credentials");
  } catch {
    return [];
  }
  const own = all.filter(
    (one) => one.appId === appId && typeof one.hint === "string" && one.hint !== "" && secret.startsWith(one.hint),
  );
  const days = Math.max(...own.map(({ daysLeft }) => Number(daysLeft)));
  if (!Number.isFinite(days)) return [];
  const next = `postern secrets rotate ${appId} --environment-file FILE`;
  if (days < 0) return [finding("secret", "failure", "The secret has ended.", next)];
  if (days < EXPIRING_SOON_DAYS) return [finding("secret", "warning", `The secret ends in ${days} days.`, next)];
  return [finding("secret", "ok", `The secret lasts ${days} days yet.`)];
}

/** Starts this program again, in the environment that `run --as` makes: a Node reads its CAs only when it starts. */
async function runInside(context: Context, app: string, resource: string | undefined): Promise<number> {
  const session = await openSession(context);
  const { status, paths } = session;
  const env = launchEnvironment({
    parent: context.env,
    proxyUrl: status.proxyUrl,
    caBundle: status.caBundle,
    stateDir: paths.stateDir,
    azConfigDir: `${paths.clients}/az-doctor`,
    preloadFile: fileURLToPath(context.preload),
    credential: await findCredential(session, app, context.notes),
  });
  const isSource = import.meta.url.endsWith(".ts");
  const entry = fileURLToPath(new URL(isSource ? "src/main.ts" : "dist/main.js", context.packageRoot));
  const format = context.globals.output === undefined ? [] : ["--output", context.globals.output];
  const query = context.globals.query === undefined ? [] : ["--query", context.globals.query];
  return runChild({
    command: [
      process.execPath,
      ...(isSource ? ["--conditions=postern-source"] : []),
      ...[entry, "doctor", ...(resource === undefined ? [] : ["--resource", resource]), ...format, ...query],
    ],
    env,
    isOnTerminal: context.isStdinTerminal,
    sayError: (text) => context.notes.error(text),
  });
}
