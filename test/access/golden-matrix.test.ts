/**
 * The golden access matrix: role x operation x where the role is assigned. Every operation that a plane decides by role is asked for at one
 * container, and those of whoever runs the cloud at the root, where they are decided; each letter of a cell is a place of assignment that opens it. The file is reviewed as a diff: POSTERN_UPDATE_GOLDEN=1 writes it.
 *
 *   C the container   A its account   G its resource group   S its subscription   M the root management group   T the tenant, "/"
 *   c a sibling container   a a sibling account   g rg10 beside rg1   s another subscription   (these four must never open it)
 */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { AccessFacts, decide } from "@postern/access";
import { builtinRoles } from "@postern/access/roles";
import type { ArmRow } from "../../packages/server/src/arm/context.ts";
import type { BlobOperation } from "../../packages/server/src/blob/operation-row.ts";
import { startTestCloud, type TestCloud } from "../support/cloud-in-process.ts";

const golden = join(import.meta.dirname, "..", "golden", "access-matrix.tsv");

/** The roles that matter for the planes served, and some that are often taken for them. */
const roleNames = [
  "Owner",
  "Contributor",
  "Reader",
  "User Access Administrator",
  "Role Based Access Control Administrator",
  "Managed Application Contributor Role",
  "Managed Identity Contributor",
  "Managed Identity Operator",
  "Management Group Contributor",
  "Management Group Reader",
  "Storage Account Contributor",
  "Storage Account Key Operator Service Role",
  "Storage Account Backup Contributor",
  "Storage Blob Data Owner",
  "Storage Blob Data Contributor",
  "Storage Blob Data Reader",
  "Storage Blob Delegator",
  "Storage Queue Data Contributor",
  "Reader and Data Access",
  "Key Vault Administrator",
];

const subscription = "/subscriptions/11111111-1111-4111-8111-111111111111";
const container = (group: string, account: string, name: string): string =>
  `${subscription}/resourceGroups/${group}/providers/Microsoft.Storage/storageAccounts/${account}/blobServices/default/containers/${name}`;
const place = container("rg1", "data", "photos");
const principalId = "22222222-2222-4222-8222-222222222222";
const managementGroup = "33333333-3333-4333-8333-333333333333";

const relations: Readonly<Record<string, string>> = {
  C: place,
  A: place.slice(0, place.indexOf("/blobServices")),
  G: `${subscription}/resourceGroups/rg1`,
  S: subscription,
  M: `/providers/Microsoft.Management/managementGroups/${managementGroup}`,
  T: "/",
  c: container("rg1", "data", "photos2"),
  a: container("rg1", "data2", "photos").split("/blobServices")[0]!,
  g: `${subscription}/resourceGroups/rg10`,
  s: "/subscriptions/11111111-1111-4111-8111-111111111112",
};

type Kind = "control" | "data" | "root";
type Operation = { readonly operation: string; readonly kind: Kind };

/** What our own plane decides at "/": it is about the whole cloud. */
const atRoot = /^\/postern\/(?:keys|backup|storage)\b/;
/** A row's permission that is an operation of a role, and no word or permission of Graph's. */
const roleOperation = /^Microsoft\.\w+\//;

let cloud: TestCloud;
before(async () => {
  cloud = await startTestCloud();
});
after(() => cloud.dispose());

/** Every operation that some row of a table is decided by, once. */
function decidedOperations(): Operation[] {
  const found = new Map<string, Operation>();
  const add = (operation: string, kind: Kind): void => {
    found.set(`${kind} ${operation}`, { operation, kind });
  };
  for (const { name, operations } of cloud.surfaces) {
    for (const row of operations) {
      if (name === "arm") {
        const { authorize } = row as ArmRow;
        if (authorize.kind === "rbac") add(authorize.action.replace("{namespace}", "Microsoft.Storage"), "control");
      } else if (name === "blob") {
        const { anyOf, further } = (row as BlobOperation).access;
        for (const { operation, isDataAction } of [...anyOf, ...further.map(({ permission }) => permission)])
          add(operation, isDataAction ? "data" : "control");
      } else if (roleOperation.test(row.permission)) {
        add(row.permission, atRoot.test(row.match) ? "root" : "control");
      }
    }
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, operation]) => operation);
}

/** Which places of assignment open the operation where it is asked for, as letters. */
function cell(roleName: string, { operation, kind }: Operation): string {
  const role = builtinRoles.find((candidate) => candidate.roleName === roleName);
  assert.ok(role !== undefined, `there is no role ${roleName}`);
  let letters = "";
  for (const [letter, scope] of Object.entries(relations)) {
    const facts = new AccessFacts([role]);
    facts.setManagementGroupParent(managementGroup, null);
    facts.setSubscriptionManagementGroup(subscription.split("/")[2]!, managementGroup);
    facts.putAssignment({ id: "44444444-4444-4444-8444-444444444444", roleDefinitionId: role.id, principalId, scope });
    const asked = kind === "root" ? "/" : place;
    if (decide(facts, { principalId, operation, isDataAction: kind === "data", scope: asked }).isAllowed)
      letters += letter;
  }
  return letters === "" ? "-" : letters;
}

test("the access matrix is the golden one", () => {
  const operations = decidedOperations();
  assert.ok(operations.length > 40, `only ${operations.length} operations are decided by role`);
  const lines = [["kind", "operation", ...roleNames].join("\t")];
  for (const operation of operations) {
    const cells = roleNames.map((roleName) => cell(roleName, operation));
    for (const letters of cells) assert.doesNotMatch(letters, /[a-z]/, `${operation.operation} is opened from beside`);
    lines.push([operation.kind, operation.operation, ...cells].join("\t"));
  }
  const matrix = `${lines.join("\n")}\n`;
  if (process.env.POSTERN_UPDATE_GOLDEN === "1") writeFileSync(golden, matrix);
  assert.equal(
    matrix,
    readFileSync(golden, "utf8"),
    "the matrix changed: run with POSTERN_UPDATE_GOLDEN=1 and review the diff",
  );
});
