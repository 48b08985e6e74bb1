/** A new cloud's directory in memory, for tests of the rules: ids that count up, and outcomes applied as the store would. */
import type { Guid, UserObjectId } from "../state/identifiers.ts";
import { ReadModel } from "../state/read-model.ts";
import { bootstrapDirectory, type DirectoryBootstrap } from "./bootstrap.ts";
import { createUser } from "./user.ts";
import type { Outcome } from "./values.ts";

export const sampleTime = new Date("2026-03-01T12:00:00.000Z");

export class SampleDirectory {
  readonly model = new ReadModel([]);
  readonly start: DirectoryBootstrap;
  #ids = 0;

  constructor() {
    this.start = bootstrapDirectory({
      guid: () => this.id(),
      now: sampleTime,
      operatorPasswordHash: "scrypt$1$1$1$$",
      operatorSecret: { hint: "abc", secretHash: "hash" },
    });
    for (const change of this.start.changes) this.model.apply(change);
  }

  id<Kind extends string = Guid>(): Kind {
    return `99999999-0000-4000-8000-${String(++this.#ids).padStart(12, "0")}` as Kind;
  }

  /** Applies what a rule answered. */
  apply<Result>({ changes, result }: Outcome<Result>): Result {
    for (const change of changes) this.model.apply(change);
    return result;
  }

  addUser(name: string): UserObjectId {
    const properties = {
      accountEnabled: true,
      displayName: name,
      mailNickname: name,
      userPrincipalName: `${name}@postern.test`,
      passwordHash: "scrypt$1$1$1$$",
    };
    return this.apply(createUser(this.model, properties, { id: this.id<UserObjectId>(), now: sampleTime })).id;
  }
}

/** The fault a rule refuses with. @throws when it does not refuse, and what it throws else. */
export function faultOf(rule: () => unknown): { readonly kind: string } & Readonly<Record<string, unknown>> {
  try {
    rule();
  } catch (cause) {
    if (cause instanceof Error && "fault" in cause)
      return cause.fault as { readonly kind: string } & Readonly<Record<string, unknown>>;
    throw cause;
  }
  throw new Error("the rule did not refuse");
}
