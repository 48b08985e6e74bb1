/** What the insight API says of access: records, explanations, who and what, learned roles, differences between times. */
import { sendForJson } from "./http.ts";

export type NamedPrincipal = {
  readonly id: string;
  readonly type: "User" | "Group" | "ServicePrincipal" | null;
  readonly displayName: string | null;
  readonly appId: string | null;
};

export type NearMiss = {
  readonly assignmentId: string;
  readonly roleName: string | null;
  readonly scope: string;
  readonly principalId: string;
  readonly via: readonly string[];
  readonly missing: string;
};

export type Decision =
  | {
      readonly isAllowed: true;
      readonly assignmentId: string;
      readonly roleDefinitionId: string;
      readonly roleName: string;
      readonly scope: string;
      readonly principalId: string;
      readonly via: readonly string[];
    }
  | {
      readonly isAllowed: false;
      readonly reason: string;
      readonly nearest: readonly NearMiss[];
      readonly overruled?: { readonly denyAssignmentName: string; readonly scope: string };
    };

export type Mending = {
  readonly roleDefinitionId: string;
  readonly roleName: string;
  readonly operationsGranted: number;
  readonly operationsBeyond: number;
  /** Where it would have to be assigned at the lowest, or above. */
  readonly scopes: readonly string[];
};

export type Need = { readonly operation: string; readonly isDataAction: boolean; readonly scope: string };

/** A question that was answered: with the names of all it speaks of. */
export type Explained = {
  readonly principal: NamedPrincipal;
  readonly decision: Decision;
  readonly principals: readonly NamedPrincipal[];
  readonly mending: readonly Mending[];
};

export type Outcome = "allowed" | "denied" | "let-through" | "passed-over";

export type AccessRecord = {
  readonly time: string;
  readonly requestId: string;
  readonly surface: "arm" | "blob" | "graph";
  readonly operation: string;
  readonly ask: Need & { readonly principalId: string };
  readonly outcome: Outcome;
  readonly decision: Decision;
};

export type AccessWay = {
  readonly assignmentId: string;
  readonly roleDefinitionId: string;
  readonly roleName: string | null;
  readonly scope: string;
  readonly condition: string | null;
  readonly holderId: string;
  readonly via: readonly string[];
};

const root = "/postern/access";

function ask<Result>(method: string, target: string, body?: object): Promise<Result> {
  return sendForJson<Result>("arm", `${root}/${target}`, { method, body });
}

function queryOf(values: Readonly<Record<string, string>>): string {
  return new URLSearchParams(Object.entries(values).filter(([, value]) => value !== "")).toString();
}

/** The decisions recorded since a time, oldest first. */
export async function listRecords(since: string): Promise<readonly AccessRecord[]> {
  const { value } = await ask<{ value: AccessRecord[] }>("GET", `records?${queryOf({ since })}`);
  return value;
}

export type ExplainedRecord = AccessRecord & Explained;

/** What was decided for one request, explained. */
export async function getRecord(requestId: string): Promise<readonly ExplainedRecord[]> {
  const { value } = await ask<{ value: ExplainedRecord[] }>("GET", `records/${encodeURIComponent(requestId)}`);
  return value;
}

/** @param at a past time, or "" for now. */
export function explainNeed(
  principalId: string,
  operation: string,
  scope: string,
  at: string,
): Promise<Explained & Need> {
  return ask("POST", "explain", { principalId, operation, scope, ...(at === "" ? {} : { at }) });
}

/** Everything one principal holds, itself and by its groups. */
export function whatCan(
  principalId: string,
): Promise<{ readonly value: readonly AccessWay[]; readonly principals: readonly NamedPrincipal[] }> {
  return ask("GET", `what-can?${queryOf({ principalId })}`);
}

export type WhoCan = {
  readonly value: readonly {
    readonly principal: NamedPrincipal;
    /** False where a condition has a say. */
    readonly isCertain: boolean;
    readonly ways: readonly AccessWay[];
  }[];
  readonly principals: readonly NamedPrincipal[];
  readonly isCut: boolean;
};

export function whoCan(operation: string, scope: string): Promise<WhoCan> {
  return ask("GET", `who-can?${queryOf({ operation, scope })}`);
}

export type AccessChange = AccessWay & { readonly change: "gained" | "lost"; readonly principalId: string };

export type AccessDiff = {
  readonly access: readonly AccessChange[];
  readonly principals: readonly NamedPrincipal[];
  readonly isCut: boolean;
};

/** What was lost and gained between two times at a scope and below. @param to "" for now. */
export function diffAccess(scope: string, from: string, to: string): Promise<AccessDiff> {
  return ask("GET", `diff?${queryOf({ scope, from, to })}`);
}

/** Before any cloud: what was gained since is all there is. */
const beginning = "1970-01-01T00:00:00Z";

/** All ways to what is at a scope and below. @param at a past time, or "" for now. */
export function listWays(scope: string, at: string): Promise<AccessDiff> {
  return diffAccess(scope, beginning, at);
}

export type Learned = {
  readonly used: readonly (Need & {
    readonly allowedCount: number;
    readonly deniedCount: number;
    readonly lastTime: string;
  })[];
  readonly assignments: readonly {
    readonly roleDefinitionId: string;
    readonly roleName: string;
    readonly scope: string;
    readonly covers: readonly Need[];
    readonly operationsGranted: number;
    readonly operationsBeyond: number;
  }[];
  readonly uncovered: readonly Need[];
  /** Whether no cheaper choice exists. */
  readonly isProved: boolean;
  /** As `az role definition create` takes it. */
  readonly customRole: Readonly<Record<string, unknown>>;
};

/** The fewest roles for what a principal did since a time. */
export function learnRoles(principalId: string, since: string, customRoleName: string): Promise<Learned> {
  return ask("POST", "learn", { principalId, since, customRoleName });
}

export type SoftMode = {
  readonly name: string;
  readonly scope: string;
  /** null: for everyone. */
  readonly principalId: string | null;
  readonly expiresOn: string;
};

export async function listSoftModes(): Promise<readonly SoftMode[]> {
  const { value } = await ask<{ value: SoftMode[] }>("GET", "softModes");
  return value;
}

export function endSoftMode({ name }: SoftMode): Promise<void> {
  return ask("DELETE", `softModes/${name}`);
}
