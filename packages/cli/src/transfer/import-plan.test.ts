import assert from "node:assert/strict";
import { test } from "node:test";
import { planImport } from "./import-plan.ts";

const there = "11111111-1111-4111-8111-111111111111";
const here = "22222222-2222-4222-8222-222222222222";
const group = `/subscriptions/${there}/resourceGroups/one`;

test("az's lists become requests in an order that works, with this subscription's IDs; what is not served is told", () => {
  const { planned, skipped } = planImport(
    [
      {
        id: `${group}/providers/Microsoft.Authorization/roleAssignments/a`,
        name: "a",
        type: "Microsoft.Authorization/roleAssignments",
        roleDefinitionId: `/subscriptions/${there}/providers/Microsoft.Authorization/roleDefinitions/r`,
        principalId: "p",
        principalType: "User",
        condition: null,
      },
      {
        id: `${group}/providers/Microsoft.Compute/virtualMachines/vm`,
        name: "vm",
        type: "Microsoft.Compute/virtualMachines",
      },
      {
        id: `/subscriptions/${there}/providers/Microsoft.Authorization/roleDefinitions/r`,
        name: "r",
        type: "Microsoft.Authorization/roleDefinitions",
        roleType: "CustomRole",
        roleName: "Lister",
        permissions: [],
        assignableScopes: [`/subscriptions/${there}`],
      },
      {
        id: "/x",
        name: "Reader",
        type: "Microsoft.Authorization/roleDefinitions",
        roleType: "BuiltInRole",
        roleName: "Reader",
      },
      { id: group, name: "one", type: "Microsoft.Resources/resourceGroups", location: "westeurope", tags: null },
    ],
    here,
  );
  assert.deepEqual(
    planned.map(({ kind, id }) => [kind, id.includes(there)]),
    [
      ["resource group", false],
      ["role definition", false],
      ["role assignment", false],
    ],
  );
  assert.deepEqual(planned[1]!.body.properties, {
    roleName: "Lister",
    description: undefined,
    permissions: [],
    assignableScopes: [`/subscriptions/${here}`],
    type: "CustomRole",
  });
  assert.equal(skipped.length, 2);
});

test("a storage account's settings are told by az's names and by the service's", () => {
  const id = `${group}/providers/Microsoft.Storage/storageAccounts/a`;
  const base = {
    id,
    name: "a",
    type: "Microsoft.Storage/storageAccounts",
    location: "westeurope",
    sku: { name: "Standard_LRS", tier: "x" },
  };
  const shapes = [
    { ...base, enableHttpsTrafficOnly: true, allowSharedKeyAccess: false },
    { ...base, properties: { supportsHttpsTrafficOnly: true, allowSharedKeyAccess: false } },
  ];
  for (const shape of shapes) {
    const [planned] = planImport(shape, here).planned;
    assert.deepEqual(planned!.body.properties, { allowSharedKeyAccess: false, supportsHttpsTrafficOnly: true });
    assert.deepEqual(planned!.body.sku, { name: "Standard_LRS" });
  }
  assert.throws(() => planImport("text", here), /not az's output/);
});
