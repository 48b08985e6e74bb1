/**
 * Reading request bodies: JSON objects whose members are found without case, as Resource Manager's own reader finds them.
 * A member of the wrong type is refused; one that is null or absent is "not said"; one nobody asks for is ignored, as on Azure.
 */

import { BodyRefusal, readJson } from "../wire/body.ts";
import type { IncomingRequest } from "../wire/messages.ts";
import { refuseArm } from "./fault.ts";

/** Largest body, in bytes. Source: Azure Resource Manager request limits (4 MB). */
export const maxBodySizeBytes = 4 * 1024 * 1024;
/** Members of one object looked at; our choice. */
const maxMembers = 4096;

export class JsonObject {
  readonly #members = new Map<string, unknown>();
  readonly #path: string;

  constructor(value: unknown, path = "") {
    this.#path = path;
    if (typeof value !== "object" || value === null || Array.isArray(value)) this.#refuse("", "an object");
    const entries = Object.entries(value as object);
    if (entries.length > maxMembers) this.#refuse("", "a smaller object");
    for (const [name, member] of entries) {
      if (!this.#members.has(name.toLowerCase())) this.#members.set(name.toLowerCase(), member ?? undefined);
    }
  }

  #refuse(name: string, expected: string): never {
    const where = [this.#path, name].filter((part) => part !== "").join(".") || "the request body";
    return refuseArm({ kind: "content-invalid", why: `'${where}' must be ${expected}` });
  }

  #get(name: string): unknown {
    return this.#members.get(name.toLowerCase());
  }

  /** A member as it came, whatever it is; for what has a reader of its own. */
  raw(name: string): unknown {
    return this.#get(name);
  }

  has(name: string): boolean {
    return this.#get(name) !== undefined;
  }

  string(name: string): string | undefined {
    const value = this.#get(name);
    return value === undefined || typeof value === "string" ? value : this.#refuse(name, "a string");
  }

  boolean(name: string): boolean | undefined {
    const value = this.#get(name);
    return value === undefined || typeof value === "boolean" ? value : this.#refuse(name, "true or false");
  }

  number(name: string): number | undefined {
    const value = this.#get(name);
    return value === undefined || typeof value === "number" ? value : this.#refuse(name, "a number");
  }

  /** An absent object reads as an empty one. */
  object(name: string): JsonObject {
    return new JsonObject(this.#get(name) ?? {}, [this.#path, name].filter((part) => part !== "").join("."));
  }

  array(name: string): readonly unknown[] | undefined {
    const value = this.#get(name);
    return value === undefined || Array.isArray(value) ? value : this.#refuse(name, "an array");
  }

  strings(name: string): readonly string[] | undefined {
    const value = this.array(name);
    if (value?.some((item) => typeof item !== "string")) this.#refuse(name, "an array of strings");
    return value as readonly string[] | undefined;
  }

  /** An object whose members are all strings; names keep their case. */
  stringMap(name: string): Readonly<Record<string, string>> | undefined {
    const value = this.#get(name);
    if (value === undefined) return undefined;
    if (typeof value !== "object" || Array.isArray(value)) this.#refuse(name, "an object of strings");
    const entries = Object.entries(value as object);
    if (entries.some(([, member]) => typeof member !== "string")) this.#refuse(name, "an object of strings");
    return Object.fromEntries(entries) as Record<string, string>;
  }
}

/** Reads a body as one JSON object. @throws ArmRefusal `content-invalid`, `content-too-large`. */
export async function readJsonObject(request: IncomingRequest): Promise<JsonObject> {
  try {
    return new JsonObject(await readJson(request, maxBodySizeBytes));
  } catch (cause) {
    if (!(cause instanceof BodyRefusal)) throw cause;
    const { fault } = cause;
    if (fault.kind === "body-too-large") return refuseArm({ kind: "content-too-large", limitBytes: fault.limitBytes });
    return refuseArm({ kind: "content-invalid", why: "the request body must be one JSON object" });
  }
}
