/**
 * Reads the members of a JSON body one by one, each with its type, and then accounts for the rest: a member the type does not have is
 * refused, and so is one that exists in Graph but that this cloud cannot honour, unless it says nothing (null, false, "" or empty).
 */
import { type Guid, parseGuid } from "../state/identifiers.ts";
import { refuseGraph } from "./graph-fault.ts";

/** Members of a type that {@link JsonMembers.finish} has to know beside those that were read. */
export type OtherMembers = {
  /** Computed by Graph: cannot be written. */
  readonly readOnly: readonly string[];
  /** Graph keeps them, this cloud does not. */
  readonly absent: readonly string[];
};

export class JsonMembers {
  readonly #members: Readonly<Record<string, unknown>>;
  readonly #resource: string;
  readonly #prefix: string;
  readonly #read = new Set<string>();

  /**
   * @param resource the type's name in messages, e.g. `Application`.
   * @param prefix the path of an object within the body, e.g. `web/`.
   * @throws GraphRefusal `body-property-invalid` when the value is not an object.
   */
  constructor(value: unknown, resource: string, prefix = "") {
    if (typeof value !== "object" || value === null || Array.isArray(value))
      refuseGraph({ kind: "body-property-invalid", property: prefix === "" ? "body" : prefix.slice(0, -1), resource });
    this.#members = value as Readonly<Record<string, unknown>>;
    this.#resource = resource;
    this.#prefix = prefix;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#members, name);
  }

  /** The raw value, counted as read; undefined when absent. */
  take(name: string): unknown {
    this.#read.add(name);
    return this.has(name) ? this.#members[name] : undefined;
  }

  /** Says that a member's value is wrong. */
  refuse(name: string): never {
    refuseGraph({ kind: "body-property-invalid", property: `${this.#prefix}${name}`, resource: this.#resource });
  }

  text(name: string): string | undefined {
    const value = this.take(name);
    return value === undefined || typeof value === "string" ? value : this.refuse(name);
  }

  /** A text that may be null; an empty one counts as null. */
  optionalText(name: string): string | null | undefined {
    const value = this.take(name);
    if (value === null || value === "") return null;
    return value === undefined || typeof value === "string" ? value : this.refuse(name);
  }

  flag(name: string): boolean | undefined {
    const value = this.take(name);
    return value === undefined || typeof value === "boolean" ? value : this.refuse(name);
  }

  /** A flag that may be null. */
  optionalFlag(name: string): boolean | null | undefined {
    const value = this.take(name);
    return value === undefined || value === null || typeof value === "boolean" ? value : this.refuse(name);
  }

  texts(name: string): readonly string[] | undefined {
    const value = this.list(name);
    return value === undefined || value.every((item) => typeof item === "string")
      ? (value as readonly string[] | undefined)
      : this.refuse(name);
  }

  /** An array of anything; null counts as empty. */
  list(name: string): readonly unknown[] | undefined {
    const value = this.take(name);
    if (value === null) return [];
    return value === undefined || Array.isArray(value) ? value : this.refuse(name);
  }

  guid<Kind extends string = Guid>(name: string): Kind | undefined {
    const value = this.take(name);
    return value === undefined ? undefined : (parseGuid<Kind>(value) ?? this.refuse(name));
  }

  /** An instant with its offset; null counts as absent. @see https://learn.microsoft.com/graph/api/resources/passwordcredential */
  time(name: string): Date | undefined {
    const value = this.take(name);
    if (value === undefined || value === null) return undefined;
    if (typeof value !== "string" || !timePattern.test(value)) return this.refuse(name);
    const date = new Date(value);
    return Number.isNaN(date.getTime()) ? this.refuse(name) : date;
  }

  /** An object within; undefined when absent or null. */
  object(name: string): JsonMembers | undefined {
    const value = this.take(name);
    if (value === undefined || value === null) return undefined;
    return new JsonMembers(value, this.#resource, `${this.#prefix}${name}/`);
  }

  /**
   * Refuses what was not read.
   * @throws GraphRefusal `body-property-read-only`, `absent`, `body-property-unknown`.
   */
  finish({ readOnly, absent }: OtherMembers): void {
    for (const [name, value] of Object.entries(this.#members)) {
      // Annotations such as @odata.type describe the body; they set nothing. Bindings do, and are read by name.
      const isAnnotation = name.startsWith("@odata.") || (name.includes("@odata.") && !name.endsWith("@odata.bind"));
      if (this.#read.has(name) || isAnnotation) continue;
      const property = `${this.#prefix}${name}`;
      if (readOnly.includes(name)) refuseGraph({ kind: "body-property-read-only", property, resource: this.#resource });
      if (!absent.includes(name)) refuseGraph({ kind: "body-property-unknown", property });
      if (!isEmpty(value)) refuseGraph({ kind: "absent", what: `the property '${property}' of ${this.#resource}` });
    }
  }
}

/** ISO 8601 with `Z` or an offset, and up to as many digits of a second as .NET or Python write. */
const timePattern = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/;

/** Whether a value asks for nothing: setting it changes nothing here. */
function isEmpty(value: unknown): boolean {
  if (value === null || value === false || value === "") return true;
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === "object" && Object.values(value).every(isEmpty);
}

/** Leaves out the members that are undefined: what a body did not mention is not changed. */
export function definedOnly<Row extends object>(
  members: { readonly [Name in keyof Row]: Row[Name] | undefined },
): {
  readonly [Name in keyof Row]?: Exclude<Row[Name], undefined>;
} {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as {
    readonly [Name in keyof Row]?: Exclude<Row[Name], undefined>;
  };
}
