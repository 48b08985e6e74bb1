/** The query parameters of Resource Manager: names without case, each read once. */
import { refuseArm } from "./fault.ts";

/** Longest `$filter`, in characters; our choice, far above what clients send. */
const maxFilterLength = 2048;
/** Largest `$top`. @see https://learn.microsoft.com/rest/api/resources/resource-groups/list */
const maxTop = 1000;

const apiVersionPattern = /^(?:19|20)\d{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?:-[a-z]+(?:[.-][a-z0-9]+)*)?$/i;

export class ArmQuery {
  readonly #values = new Map<string, string>();

  constructor(rawQuery: string) {
    for (const [name, value] of new URLSearchParams(rawQuery)) {
      const key = name.toLowerCase();
      if (!this.#values.has(key)) this.#values.set(key, value);
    }
  }

  /** @param name lower case. */
  get(name: string): string | undefined {
    return this.#values.get(name);
  }

  /**
   * The api-version. Any date is taken: the same answer serves them all, and clients of ten years send theirs.
   * @throws ArmRefusal `api-version-missing`, `api-version-invalid`.
   */
  apiVersion(): string {
    const given = this.get("api-version");
    if (given === undefined || given === "") return refuseArm({ kind: "api-version-missing" });
    return apiVersionPattern.test(given)
      ? given
      : refuseArm({ kind: "api-version-invalid", given: given.slice(0, 64) });
  }

  /** `$filter`, undefined when absent or blank. @throws ArmRefusal `filter-invalid`. */
  filter(): string | undefined {
    const given = this.get("$filter");
    if (given === undefined || given.trim() === "") return undefined;
    return given.length <= maxFilterLength ? given : refuseArm({ kind: "filter-invalid", given: given.slice(0, 64) });
  }

  /** `$top`. @throws ArmRefusal `query-invalid`. */
  top(): number | undefined {
    const given = this.get("$top");
    if (given === undefined) return undefined;
    const isValid = /^\d{1,9}$/.test(given) && Number(given) > 0;
    return isValid
      ? Math.min(Number(given), maxTop)
      : refuseArm({ kind: "query-invalid", parameter: "$top", given: given.slice(0, 64) });
  }
}
