/** How a handler changes the directory: one rule, run by the store on behalf of the caller. */
import type { Outcome } from "../directory/values.ts";
import type { PrincipalId } from "../state/identifiers.ts";
import type { ReadModel } from "../state/read-model.ts";
import type { GraphCall } from "./operation.ts";
import { checkPrecondition } from "./precondition.ts";

/** Carries out a rule. @throws GraphRefusal `precondition-failed`, Refusal as the rule throws it; nothing has been written then. */
export function change<Result>(
  call: GraphCall,
  operation: string,
  rule: (model: ReadModel) => Outcome<Result>,
): Promise<Result> {
  return call.cloud.store.change(call.actor, operation, (model) => {
    checkPrecondition(call, model);
    return rule(model);
  });
}

/** A fresh object id or the like. */
export function freshId<Kind extends string>(call: GraphCall): Kind {
  return call.cloud.ports.guid() as Kind;
}

/**
 * Who owns what the caller makes: a signed-in person, and an app that may manage only what it owns. An administrator's app
 * leaves its makings without owner, as in Entra.
 */
export function creatorOwnerId({ caller }: GraphCall): PrincipalId | undefined {
  const ownsItsMakings = caller.kind === "user" || caller.roles.includes("Application.ReadWrite.OwnedBy");
  return ownsItsMakings ? caller.principalId : undefined;
}
