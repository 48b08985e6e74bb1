import assert from "node:assert/strict";
import { test } from "node:test";
import { checkRole, type RolePermission } from "./role-definition.ts";

function permission(parts: Partial<RolePermission>): RolePermission {
  return { actions: [], notActions: [], dataActions: [], notDataActions: [], ...parts };
}

test("notActions of one permission object do not cut the other's grants", () => {
  const first = permission({ actions: ["*"], notActions: ["A.B/c/write"] });
  const second = permission({ actions: ["A.B/c/write"] });
  assert.equal(checkRole([first], "A.B/c/write", false), "excluded");
  assert.equal(checkRole([first, second], "A.B/c/write", false), "granted");
  assert.equal(checkRole([second, first], "a.b/C/Write", false), "granted");
});

test("the union of two permission objects is not what they grant", () => {
  const first = permission({ actions: ["A.B/*"], notActions: ["A.B/*/delete"] });
  const second = permission({ actions: ["A.C/*"], notActions: ["A.C/*/delete"] });
  assert.equal(checkRole([first, second], "A.B/x/delete", false), "excluded");
  assert.equal(checkRole([first, second], "A.C/x/delete", false), "excluded");
  assert.equal(checkRole([first, second], "A.D/x/delete", false), "absent");
});

test("actions and dataActions are two worlds", () => {
  const both = permission({ actions: ["A.B/*"], dataActions: ["A.D/*"], notDataActions: ["A.D/secret/read"] });
  assert.equal(checkRole([both], "A.B/read", false), "granted");
  assert.equal(checkRole([both], "A.B/read", true), "control-plane-only");
  assert.equal(checkRole([both], "A.D/read", true), "granted");
  assert.equal(checkRole([both], "A.D/read", false), "absent");
  assert.equal(checkRole([both], "A.D/secret/read", true), "excluded");
  const cross = permission({ actions: ["A.B/*"], notDataActions: ["A.B/*"] });
  assert.equal(checkRole([cross], "A.B/read", false), "granted", "notDataActions do not cut actions");
});

test("a permission with a condition does not grant by itself, and does not take from one without", () => {
  const conditional = permission({
    actions: ["A.B/*"],
    condition: "@Resource[a] StringEquals 'b'",
    conditionVersion: "2.0",
  });
  const plain = permission({ actions: ["A.B/read"], condition: null });
  assert.equal(checkRole([conditional], "A.B/read", false), "conditional");
  assert.equal(checkRole([conditional, plain], "A.B/read", false), "granted");
  assert.equal(checkRole([plain, conditional], "A.B/write", false), "conditional");
  assert.equal(checkRole([permission({ actions: ["*"], condition: "" })], "A.B/read", false), "conditional");
});

test("a role without permissions grants nothing", () => {
  assert.equal(checkRole([], "A.B/read", false), "absent");
});
