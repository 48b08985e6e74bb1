import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  isAtOrBelow,
  MAX_SCOPE_LENGTH,
  MAX_SCOPE_SEGMENTS,
  parents,
  parseScope,
  type Scope,
  type ScopeFault,
  scopeKey,
} from "./scope.ts";

const S = "/subscriptions/11111111-2222-3333-4444-5555555555aa";

function read(text: string): Scope {
  const result = parseScope(text);
  assert.ok(result.isValid, text);
  return result.scope;
}

test("every kind of scope is read", () => {
  const kinds: [string, Scope["kind"]][] = [
    ["/", "tenant"],
    ["/providers/Microsoft.Management/managementGroups/mg1", "management-group"],
    [
      "/providers/Microsoft.Management/managementGroups/mg1/providers/Microsoft.Authorization/policyAssignments/p",
      "resource",
    ],
    [S, "subscription"],
    [`${S}/resourceGroups/rg1`, "resource-group"],
    [`${S}/resourceGroups/rg1/providers/Microsoft.Storage`, "provider"],
    ["/providers/Microsoft.Capacity", "provider"],
    ["/providers/Microsoft.Capacity/reservationOrders/o", "resource"],
    [`${S}/providers/Microsoft.Authorization/roleAssignments/r`, "resource"],
    [
      `${S}/resourceGroups/R/providers/Microsoft.Storage/storageAccounts/A/blobServices/default/containers/C`,
      "resource",
    ],
    [`${S}/resourceGroups/R/providers/N.S/t/a/providers/Microsoft.Authorization/roleAssignments/x`, "resource"],
  ];
  for (const [text, kind] of kinds) assert.equal(read(text).kind, kind, text);
});

test("a scope tells its subscription, resource group and management group", () => {
  const scope = read(`${S.toUpperCase()}/resourcegroups/Rg1/providers/N/t/n`);
  assert.equal(scope.subscriptionId, "11111111-2222-3333-4444-5555555555aa");
  assert.equal(scope.resourceGroupName, "Rg1");
  assert.equal(scope.managementGroupId, null);
  const group = read("/providers/microsoft.management/MANAGEMENTGROUPS/Top");
  assert.equal(group.managementGroupId, "Top");
  assert.equal(group.subscriptionId, null);
});

test("each fault has its kind", () => {
  const faults: [string, ScopeFault["kind"]][] = [
    ["", "not-absolute"],
    ["subscriptions/x", "not-absolute"],
    ["//", "empty-segment"],
    [`/${S}`, "empty-segment"],
    [`${S}/`, "empty-segment"],
    [`${S}//resourceGroups/rg1`, "empty-segment"],
    [`${S}/resourceGroups/.`, "dot-segment"],
    [`${S}/resourceGroups/..`, "dot-segment"],
    [`${S}/resourceGroups/rg%31`, "forbidden-character"],
    [`${S}/resourceGroups/rg\u0000`, "forbidden-character"],
    [`${S}/resourceGroups/rg\u0085`, "forbidden-character"],
    [`${S}/resourceGroups/rg\\x`, "forbidden-character"],
    [`${S}/resourceGroups/rg?x`, "forbidden-character"],
    [`${S}/resourceGroups/rg\ud800`, "forbidden-character"],
    [`${S}/resourceGroups`, "incomplete"],
    [`${S}/resourceGroups/rg/providers/N.S/t`, "incomplete"],
    ["/providers/Microsoft.Management/managementGroups", "incomplete"],
    ["/subscriptions/not-a-guid", "subscription-not-guid"],
    ["/resourceGroups/rg", "unknown-shape"],
    [`${S}/locations/westeurope`, "unknown-shape"],
    [`${S}/resourceGroups/rg/storageAccounts/a`, "unknown-shape"],
    ["/providers/Microsoft.Management/managementGroups/m/subscriptions/s", "unknown-shape"],
    [`${S}/resourceGroups/${"r".repeat(MAX_SCOPE_LENGTH)}`, "too-long"],
    [`${S}/providers/n${"/t/n".repeat(MAX_SCOPE_SEGMENTS / 2)}`, "too-deep"],
  ];
  for (const [text, kind] of faults) {
    assert.deepEqual(parseScope(text), { isValid: false, fault: { kind } }, text);
    assert.equal(scopeKey(text), null);
  }
});

test("case counts in a container's name and nowhere else", () => {
  const service = `${S}/resourceGroups/RG/providers/Microsoft.Storage/storageAccounts/Acct/blobServices/default`;
  assert.equal(scopeKey(`${service.toUpperCase()}/CONTAINERS/Logs`), scopeKey(`${service}/containers/Logs`));
  assert.notEqual(scopeKey(`${service}/containers/Logs`), scopeKey(`${service}/containers/logs`));
  // A resource group that happens to have that name is not a container type.
  assert.equal(
    scopeKey(`${S}/resourceGroups/containers/providers/N.S/t/A`),
    scopeKey(`${S}/resourceGroups/containers/providers/n.s/T/a`),
  );
});

test("rg1 is not a parent of rg10", () => {
  assert.equal(isAtOrBelow(read(`${S}/resourceGroups/rg10`), read(`${S}/resourceGroups/rg1`)), false);
  assert.equal(isAtOrBelow(read(`${S}/resourceGroups/rg1/providers/N.S/t/n`), read(`${S}/resourceGroups/RG1`)), true);
});

test("the parents of a container, nearest first", () => {
  const key = S.toLowerCase();
  assert.deepEqual(
    parents(
      read(`${S}/resourceGroups/R/providers/Microsoft.Storage/storageAccounts/A/blobServices/default/containers/C`),
    ),
    [
      `${key}/resourcegroups/r/providers/microsoft.storage/storageaccounts/a/blobservices/default`,
      `${key}/resourcegroups/r/providers/microsoft.storage/storageaccounts/a`,
      `${key}/resourcegroups/r/providers/microsoft.storage`,
      `${key}/resourcegroups/r`,
      key,
      "/",
    ],
  );
  assert.deepEqual(parents(read("/providers/Microsoft.Management/managementGroups/m")), ["/"]);
  assert.deepEqual(parents(read("/")), []);
});

const name = fc.constantFrom("a", "A", "ab", "containers", "providers", "rg1", "rg10", "RG1");
const pairs = fc.array(fc.tuple(fc.constantFrom("t", "containers", "providers"), name), { maxLength: 4 });
const scopeText = fc
  .tuple(
    fc.constantFrom("", S, S.toUpperCase().replace("SUBSCRIPTIONS", "subscriptions")),
    fc.option(name),
    fc.option(pairs),
  )
  .map(([top, group, rest]) => {
    const path = top === "" ? "" : `${top}${group === null ? "" : `/resourceGroups/${group}`}`;
    const tail = rest === null ? "" : `/providers/N${rest.map((pair) => `/${pair.join("/")}`).join("")}`;
    return path + tail || "/";
  });

/** Another shape: pads with a slash and compares prefixes of the key. */
function isPrefix(lower: string, upper: string): boolean {
  return upper === "/" || `${lower}/`.startsWith(`${upper}/`);
}

test("being below is being under the key, and the parents are exactly those above", () => {
  fc.assert(
    fc.property(scopeText, scopeText, (a, b) => {
      const lower = read(a);
      const upper = read(b);
      assert.equal(isAtOrBelow(lower, upper), isPrefix(lower.key, upper.key));
      assert.equal(isAtOrBelow(lower, upper), [lower.key, ...parents(lower)].includes(upper.key));
      assert.equal(scopeKey(lower.key), lower.key, "a key is its own key");
    }),
    { numRuns: 5000 },
  );
});

test("any text is read or refused, never thrown on", () => {
  const pieces = fc.array(fc.constantFrom("/", "..", "subscriptions", "providers", "%2f", "a", "\n", S), {
    maxLength: 12,
  });
  fc.assert(
    fc.property(
      fc.oneof(
        pieces.map((list) => list.join("")),
        fc.string({ unit: "binary" }),
      ),
      (text) => {
        const result = parseScope(text);
        if (result.isValid) assert.equal(scopeKey(result.scope.key), result.scope.key);
        else assert.equal(typeof result.fault.kind, "string");
      },
    ),
    { numRuns: 1000 },
  );
});
