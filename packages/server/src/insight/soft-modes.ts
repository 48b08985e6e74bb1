/**
 * Switching soft mode on and off: for whom, where and how long nothing is denied.
 *
 * Who may: who may give anybody any role at the scope, without a condition (`Microsoft.Authorization/roleAssignments/write`): such a one
 * could let everything through by roles as well. Soft mode itself is no such right.
 */

import { PosternRefusal } from "../postern-caller.ts";
import { put, remove } from "../state/change.ts";
import type { SoftMode } from "../state/entities.ts";
import { parseGuid } from "../state/identifiers.ts";
import type { ReadModel } from "../state/read-model.ts";
import { maxSoftModeSeconds, maxSoftModes } from "../state/soft-modes.ts";
import type { Reply } from "../wire/exchange.ts";
import {
  type Call,
  holdsRight,
  readAction,
  readOptionalText,
  readPrincipalId,
  readQuestion,
  readScopeText,
  refuseInput,
  requireRight,
  writeAction,
} from "./call.ts";

function readSeconds(value: unknown): number {
  const isGood = typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= maxSoftModeSeconds;
  return isGood ? value : refuseInput(`'seconds' must be a whole number from 1 to ${maxSoftModeSeconds}.`);
}

function actorOf({ cloud, caller }: Call) {
  return { principalId: caller, displayName: cloud.model.principal(caller)?.row.displayName ?? caller };
}

function isOver(row: SoftMode, now: string): boolean {
  return row.expiresOn <= now;
}

export async function listSoftModes(call: Call): Promise<Reply> {
  const now = call.cloud.ports.now().toISOString();
  const value = [...call.cloud.model.softModes.values()].filter(
    (row) => !isOver(row, now) && holdsRight(call, readAction, row.scope),
  );
  return { status: 200, body: { value } };
}

export async function putSoftMode(call: Call): Promise<Reply> {
  const question = await readQuestion(call);
  const name = parseGuid(call.name) ?? refuseInput("The name of a soft mode must be a GUID.");
  const scope = readScopeText(question);
  requireRight(call, writeAction, scope);
  const now = call.cloud.ports.now();
  const row: SoftMode = {
    name,
    scope,
    principalId: question.principalId == null ? null : readPrincipalId(question, "principalId"),
    description: readOptionalText(question, "description")?.slice(0, 256) ?? null,
    createdOn: now.toISOString(),
    createdBy: call.caller,
    expiresOn: new Date(now.getTime() + readSeconds(question.seconds) * 1000).toISOString(),
  };
  const rule = ({ softModes }: ReadModel) => {
    const known = softModes.get(name);
    // Whoever replaces one switches the old one off.
    if (known !== undefined) requireRight(call, writeAction, known.scope);
    const over = [...softModes.values()].filter((other) => other.name !== name && isOver(other, row.createdOn));
    if (known === undefined && softModes.size - over.length >= maxSoftModes) {
      throw new PosternRefusal(409, "TooManySoftModes", `No more than ${maxSoftModes} soft modes can be on.`);
    }
    return {
      changes: [...over.map((other) => remove("softMode", other.name)), put("softMode", row)],
      result: known === undefined,
    };
  };
  const isNew = await call.cloud.store.change(actorOf(call), "Create soft mode", rule);
  return { status: isNew ? 201 : 200, body: row };
}

export async function deleteSoftMode(call: Call): Promise<Reply> {
  const name = parseGuid(call.name) ?? refuseInput("The name of a soft mode must be a GUID.");
  const isFound = await call.cloud.store.change(actorOf(call), "Delete soft mode", ({ softModes }: ReadModel) => {
    const known = softModes.get(name);
    // Of one that is not there nobody learns more than who may delete any.
    requireRight(call, writeAction, known?.scope ?? "/");
    if (known === undefined) return { changes: [], result: false };
    return { changes: [remove("softMode", name)], result: true };
  });
  return { status: isFound ? 200 : 204 };
}
