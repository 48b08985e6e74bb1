/** How the operator signs in: the file the server writes at its first start. May use: this folder. */
import { failure } from "../faults.ts";
import type { StatePaths } from "./paths.ts";
import { readRecordIfAny } from "./private-file.ts";

export interface Operator {
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly username: string;
  readonly password: string;
  readonly subscriptionId: string;
}

const members = {
  tenantId: "string",
  clientId: "string",
  clientSecret: "string",
  username: "string",
  password: "string",
  subscriptionId: "string",
} as const;

/** @throws CliFault (failure) when the folder has no operator. */
export async function readOperator(paths: StatePaths): Promise<Operator> {
  const record = await readRecordIfAny(paths.operator, members);
  if (record === undefined) throw failure(`${paths.operator} is missing: this folder has never held a cloud.`);
  return record as unknown as Operator;
}
