/**
 * `postern learn`: finds the roles that a program needs, by running it with nothing denied, and proves them by running it with just those.
 * May use: insight/, commands/run.ts, session.ts.
 */
import { OPERATOR } from "../app-credential.ts";
import { type Context, defineCommand } from "../command/command.ts";
import { failure, usageFault } from "../faults.ts";
import { findPrincipalId, InsightClient, type NamedPrincipal } from "../insight/insight-client.ts";
import { describeLearned, fetchLearned, type Learned } from "../insight/learned.ts";
import { withSoftMode } from "../insight/soft-mode.ts";
import { withTrialApp } from "../insight/trial-app.ts";
import { openSession, type Session } from "../session.ts";
import { command as runCommand } from "./run.ts";

/** How long nothing is denied unless the user says otherwise, and at most: the server's own bound. */
const DEFAULT_MINUTES = 60;
const MAX_MINUTES = 480;

export const command = defineCommand({
  options: {
    as: {
      kind: "text",
      flags: ["--as"],
      valueName: "APP",
      summary: "Learn as this app (display name or appId). Default: an app made for the purpose and removed again.",
    },
    minutes: {
      kind: "integer",
      flags: ["--minutes"],
      summary: `Most minutes for which nothing is denied. Default: ${DEFAULT_MINUTES}; at most ${MAX_MINUTES}.`,
    },
    customRole: {
      kind: "text",
      flags: ["--custom-role"],
      valueName: "NAME",
      summary:
        "Print a custom role of this name that grants just what was used, as JSON for az role definition create.",
    },
    prove: {
      kind: "switch",
      flags: ["--prove"],
      summary: "Run the program again with just the roles found, and show that nothing is denied. Default: true.",
    },
  },
  rest: { name: "PROGRAM", summary: "The program and its arguments. It is run twice, unless --prove false is given." },
  examples: [
    { summary: "Which roles an app needs", line: "postern learn -- python app.py" },
    {
      summary: "The same for a registered app, without the proof",
      line: "postern learn --as my-app --prove false -- python app.py",
    },
  ],
  run: async (context, args, { rest }) => {
    const minutes = args.minutes ?? DEFAULT_MINUTES;
    if (minutes < 1 || minutes > MAX_MINUTES) throw usageFault(`--minutes: from 1 to ${MAX_MINUTES}.`);
    if (args.as === OPERATOR) throw usageFault("--as: the operator may do everything; learn as an app.");
    const session = await openSession(context);
    const seconds = minutes * 60;
    const learn = (appId: string, principalId: string) =>
      learnFrom(context, session, { appId, principalId, seconds, program: rest, roleName: args.customRole });
    const found =
      args.as === undefined
        ? await withTrialApp(session, ({ appId, principalId }) => learn(appId, principalId))
        : await learn(args.as, await findPrincipalId(session, args.as, context));
    const { learned, exitCode } = found;
    const assignee = args.as === undefined ? anyApp : await nameApp(session, found.principalId);
    const proof = await prove(context, session, { learned, exitCode, program: rest, isWanted: args.prove ?? true });
    const text =
      args.customRole === undefined
        ? `${describeLearned(assignee, learned)}\n${proof.text}\n`
        : `${JSON.stringify(learned.customRole, null, 2)}\n`;
    const { isDenied, text: _, ...outcome } = proof;
    return { data: { ...learned, proof: outcome }, text, exitCode: isDenied ? 1 : exitCode };
  },
});

/** Stands for the app that will be given the roles, when none was named. */
const anyApp: NamedPrincipal = { id: "APPID", type: null, displayName: null, appId: null };

interface LearningRun {
  readonly appId: string;
  readonly principalId: string;
  readonly seconds: number;
  readonly program: readonly string[];
  readonly roleName: string | undefined;
}

async function learnFrom(context: Context, session: Session, run: LearningRun) {
  const { appId, principalId, seconds, program, roleName = "Learned role" } = run;
  const client = new InsightClient(session);
  const since = new Date().toISOString();
  context.notes.line("Learning: the program runs, nothing is denied to it, everything is recorded.");
  const exitCode = await withSoftMode(client, principalId, seconds, () => runAs(context, appId, program));
  return { principalId, exitCode, learned: await fetchLearned(client, principalId, since, roleName) };
}

/** Just as `postern run --as APP -- PROGRAM`. */
async function runAs(context: Context, as: string, program: readonly string[]): Promise<number> {
  const args = { as, withAz: false };
  return (await runCommand.run(context, args, { positionals: [], rest: program })).exitCode ?? 0;
}

async function nameApp(session: Session, principalId: string): Promise<NamedPrincipal> {
  const { appId, displayName } = await session.graph.json("GET", `/servicePrincipals/${principalId}`);
  return { id: principalId, type: "ServicePrincipal", displayName: String(displayName), appId: String(appId) };
}

interface Proof {
  /** null: not tried. */
  readonly isPassed: boolean | null;
  readonly deniedCount: number;
  readonly exitCode: number | null;
  readonly isDenied: boolean;
  readonly text: string;
}

const unproved = { isPassed: null, deniedCount: 0, exitCode: null, isDenied: false };

interface ProofRequest {
  readonly learned: Learned;
  /** Of the first run. */
  readonly exitCode: number;
  readonly program: readonly string[];
  readonly isWanted: boolean;
}

/** Runs the program again, as an app that has just what was learned. */
async function prove(
  context: Context,
  session: Session,
  { learned, exitCode, program, isWanted }: ProofRequest,
): Promise<Proof> {
  if (!isWanted) return { ...unproved, text: "Not proved: --prove false." };
  if (exitCode !== 0) {
    return {
      ...unproved,
      text: `Not proved: the program ended with ${exitCode}, so it may not have used all it needs.`,
    };
  }
  if (learned.uncovered.length > 0) return { ...unproved, text: "Not proved: no built-in roles grant all of it." };
  context.notes.line("Proving: the program runs again, as a new app that has just these roles.");
  return withTrialApp(session, async ({ appId, principalId, assign }) => {
    for (const assignment of learned.assignments) await assign(assignment);
    const again = await runAs(context, appId, program);
    const answer = await new InsightClient(session).get("records", { principalId, outcome: "denied" });
    if (!Array.isArray(answer.value)) throw failure("The cloud did not say what was denied.");
    const deniedCount = answer.value.length;
    const isPassed = deniedCount === 0 && again === exitCode;
    const text = isPassed
      ? "Proved: the program ran again with just these roles, and nothing was denied."
      : `Not enough: with just these roles ${deniedCount} requests were denied, and the program ended with ${again}.`;
    return { isPassed, deniedCount, exitCode: again, isDenied: !isPassed, text };
  });
}
