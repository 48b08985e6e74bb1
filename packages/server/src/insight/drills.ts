/**
 * Switching drills on and off. Who may: who may give anybody any role anywhere (`Microsoft.Authorization/roleAssignments/write` at `/`), the
 * operator: a drill meets everybody.
 */
import {
  type Delay,
  type Drill,
  type Drills,
  drillFaults,
  drillSurfaces,
  maxDelayMs,
  maxDrillSeconds,
  maxDrills,
  maxPropagationSeconds,
  maxRetryAfterSeconds,
} from "../drills/drills.ts";
import { PosternRefusal } from "../postern-caller.ts";
import type { Reply } from "../wire/exchange.ts";
import {
  type Call,
  type Question,
  readPrincipalId,
  readQuestion,
  refuseInput,
  requireRight,
  writeAction,
} from "./call.ts";

const namePattern = /^[\w-]{1,64}$/;
/** Largest seed. */
const maxSeed = 2 ** 31 - 1;

function readNumber(
  question: Question,
  name: string,
  [least, most]: readonly [number, number],
  otherwise?: number,
): number {
  const value = question[name] ?? otherwise;
  const isGood = typeof value === "number" && Number.isInteger(value) && value >= least && value <= most;
  return isGood ? value : refuseInput(`'${name}' must be a whole number from ${least} to ${most}.`);
}

function readChoice<T extends string>(question: Question, name: string, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === question[name]);
  return found ?? refuseInput(`'${name}' must be one of ${choices.join(", ")}.`);
}

function readProbability(value: unknown = 1): number {
  const isGood = typeof value === "number" && value > 0 && value <= 1;
  return isGood ? value : refuseInput("'probability' must be a number above 0 and at most 1.");
}

export async function listDrills(drills: Drills, call: Call): Promise<Reply> {
  requireRight(call, writeAction, "/");
  return { status: 200, body: { value: drills.list(), propagation: drills.propagation } };
}

export async function putDrill(drills: Drills, call: Call): Promise<Reply> {
  requireRight(call, writeAction, "/");
  const question = await readQuestion(call);
  if (!namePattern.test(call.name)) refuseInput("A drill's name has letters, digits, '-' and '_' only.");
  const surface = readChoice(question, "surface", drillSurfaces);
  const principalId = question.principalId == null ? null : readPrincipalId(question, "principalId");
  if (principalId !== null && (surface === "entra" || surface === "token")) {
    refuseInput("A request for a token carries none: drills of entra and token meet everybody, without 'principalId'.");
  }
  const seconds = readNumber(question, "seconds", [1, maxDrillSeconds]);
  const drill: Drill = {
    name: call.name,
    surface,
    principalId,
    fault: readChoice(question, "fault", drillFaults),
    probability: readProbability(question.probability),
    seed: readNumber(question, "seed", [0, maxSeed], 0),
    retryAfterSeconds: readNumber(question, "retryAfterSeconds", [0, maxRetryAfterSeconds], 1),
    delayMs: readNumber(question, "delayMs", [0, maxDelayMs], 1_000),
    maxFaults: question.maxFaults == null ? null : readNumber(question, "maxFaults", [1, 1_000_000]),
    expiresOn: new Date(call.cloud.ports.now().getTime() + seconds * 1000).toISOString(),
  };
  if (!drills.start(drill))
    throw new PosternRefusal(409, "TooManyDrills", `No more than ${maxDrills} drills can be on.`);
  return { status: 200, body: drill };
}

export async function deleteDrill(drills: Drills, call: Call): Promise<Reply> {
  requireRight(call, writeAction, "/");
  return { status: drills.stop(call.name) ? 200 : 204 };
}

function readDelay(question: Question, name: string): Delay {
  const value = question[name] ?? { minSeconds: 0, maxSeconds: 0 };
  if (typeof value !== "object") refuseInput(`'${name}' must have 'minSeconds' and 'maxSeconds'.`);
  const minSeconds = readNumber(value as Question, "minSeconds", [0, maxPropagationSeconds], 0);
  return {
    minSeconds,
    maxSeconds: readNumber(value as Question, "maxSeconds", [minSeconds, maxPropagationSeconds], minSeconds),
  };
}

export async function putPropagation(drills: Drills, call: Call): Promise<Reply> {
  requireRight(call, writeAction, "/");
  const question = await readQuestion(call);
  const seed = readNumber(question, "seed", [0, maxSeed], 0);
  const [assignments, principals] = [readDelay(question, "assignments"), readDelay(question, "principals")];
  drills.setPropagation({ seed, assignments, principals });
  return { status: 200, body: drills.propagation };
}

export async function deletePropagation(drills: Drills, call: Call): Promise<Reply> {
  requireRight(call, writeAction, "/");
  const wasOn = drills.propagation !== null;
  drills.setPropagation(null);
  return { status: wasOn ? 200 : 204 };
}
