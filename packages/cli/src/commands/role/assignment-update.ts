/** `postern role assignment update`. @see https://learn.microsoft.com/rest/api/authorization/role-assignments/create */
import { encodeScope } from "../../azure/identifiers.ts";
import { versioned } from "../../azure/resource-manager.ts";
import { shapeRoleAssignment } from "../../azure/shapes.ts";
import { defineCommand } from "../../command/command.ts";
import { readJsonObject } from "../../command/json-argument.ts";
import { failure } from "../../faults.ts";
import { isObject } from "../../output/ordered.ts";
import { openSession } from "../../session.ts";

export const command = defineCommand({
  options: {
    assignment: {
      kind: "text",
      flags: ["--role-assignment"],
      valueName: "JSON",
      summary: "An assignment as `role assignment list` shows it: a JSON file's path, or JSON itself.",
      required: true,
    },
  },
  examples: [
    {
      summary: "Change its description or condition",
      line: "postern role assignment update --role-assignment assignment.json",
    },
  ],
  run: async (context, args) => {
    const given = readJsonObject(args.assignment);
    // What az lists has its properties one level up; what the service shows has not.
    const wanted = isObject(given.properties) ? { ...given, ...given.properties } : given;
    const session = await openSession(context);
    const path = versioned(
      `${encodeScope(String(wanted.scope))}/providers/Microsoft.Authorization/roleAssignments/${encodeURIComponent(String(wanted.name))}`,
      "roleAssignments",
    );
    const before = shapeRoleAssignment(await session.resourceManager.json("GET", path));
    if (isVersion(before.conditionVersion, "2.") && isVersion(wanted.conditionVersion, "1.")) {
      throw failure("Condition version cannot be downgraded to '1.X'.");
    }
    const properties = {
      roleDefinitionId: wanted.roleDefinitionId,
      principalId: wanted.principalId,
      principalType: wanted.principalType ?? before.principalType,
      description: wanted.description ?? undefined,
      condition: wanted.condition ?? undefined,
      conditionVersion: wanted.conditionVersion ?? undefined,
      delegatedManagedIdentityResourceId: wanted.delegatedManagedIdentityResourceId ?? undefined,
    };
    return { data: shapeRoleAssignment(await session.resourceManager.json("PUT", path, { properties })) };
  },
});

function isVersion(version: unknown, start: string): boolean {
  return typeof version === "string" && version.startsWith(start);
}
