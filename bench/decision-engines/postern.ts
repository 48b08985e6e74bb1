/** Postern's own decision, as its server asks it: a question of texts, an answer with its reasons. */
import { AccessFacts, type Ask, decide, isAllowed } from "@postern/access";
import { builtinRoles } from "@postern/access/roles";
import {
  assignmentId,
  assignmentOf,
  conditionText,
  groupOf,
  operations,
  principalCount,
  principalId,
  roles,
  scopeText,
  type WorldQuestion,
} from "../decision-world.ts";
import type { BuildEngine, World } from "./engine.ts";

function usedBytes(): number {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

function assign(facts: AccessFacts, from: number, to: number, hasConditions: boolean): void {
  for (let number = from; number < to; number += 1) {
    const { principal, role, place } = assignmentOf(number);
    facts.putAssignment({
      id: assignmentId(number),
      roleDefinitionId: roles[role]!.id,
      principalId: principalId(principal),
      scope: scopeText(place),
      condition: hasConditions ? conditionText(number) : null,
    });
  }
}

function askOf({ principal, operation, place, path }: WorldQuestion, hasConditions: boolean): Ask {
  const { name, isDataAction } = operations[operation]!;
  // A text that is put together is made one piece only when it is first read; that is no part of a decision.
  const [who, scope] = [flatten(principalId(principal)), flatten(scopeText(place))];
  const ask = { principalId: who, operation: name, isDataAction, scope, subOperations: [] };
  if (!hasConditions) return ask;
  const resource = {
    "Microsoft.Storage/storageAccounts:name": `account${place.group}`,
    "Microsoft.Storage/storageAccounts/blobServices/containers:name": `container${place.container}`,
    "Microsoft.Storage/storageAccounts/blobServices/containers/blobs:path": path,
  };
  return { ...ask, attributes: { resource, request: {}, environment: { UtcNow: "2026-01-01T00:00:00.0000000Z" } } };
}

function flatten(text: string): string {
  return Buffer.from(text, "latin1").toString("latin1");
}

/** How many of the assignments are there before memory is first looked at: the scopes and principals they name are no part of an assignment. */
const naming = 1;

export const build: BuildEngine = async ({ assignments, hasConditions }: World) => {
  const facts = new AccessFacts(builtinRoles);
  for (let principal = 0; principal < principalCount; principal += 1) {
    const group = groupOf(principal);
    if (group >= 0) facts.addMember(principalId(group), principalId(principal));
  }
  assign(facts, 0, naming, hasConditions);
  const before = usedBytes();
  assign(facts, naming, assignments, hasConditions);
  const bytesPerAssignment = (usedBytes() - before) / assignments;
  return {
    bytesPerAssignment,
    prepare: (questions) => questions.map((question) => askOf(question, hasConditions)),
    answerAll: (prepared, answers) => {
      const asks = prepared as readonly Ask[];
      let allowed = 0;
      for (let place = 0; place < asks.length; place += 1) {
        const answer = decide(facts, asks[place]!).isAllowed ? 1 : 0;
        allowed += answer;
        if (answers !== undefined) answers[place] = answer;
      }
      return allowed;
    },
    answerYesOrNo: (prepared) => {
      let allowed = 0;
      for (const ask of prepared as readonly Ask[]) if (isAllowed(facts, ask)) allowed += 1;
      return allowed;
    },
  };
};
