/**
 * Writes packages/access/src/data/builtin-roles.json from a folder of role facts.
 *
 * Usage: node scripts/make-roles.ts FACTS_FOLDER
 * The folder holds `builtin-roles.json` (the definitions, as the service lists them) and `role-descriptions.tsv`
 * (id, name, description: our own words). The output has one role per line, sorted by name, so that a change of one
 * role is a change of one line.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Built-in roles assignable at "/" in the listing of 2026-08-22; another count means another listing: look at it first. */
const EXPECTED_ROLES = 928;
const OUTPUT = fileURLToPath(new URL("../packages/access/src/data/builtin-roles.json", import.meta.url));

interface SourcePermission {
  actions: string[];
  notActions: string[];
  dataActions: string[];
  notDataActions: string[];
  condition?: string | null;
  conditionVersion?: string | null;
}

interface SourceRole extends SourcePermission {
  id: string;
  name: string;
  assignableScopes: string[];
  /** Present on roles with several permission objects or a condition; the flat lists are then only their union. */
  permissions?: SourcePermission[];
}

function readDescriptions(text: string): Map<string, string> {
  const descriptions = new Map<string, string>();
  for (const line of text.split("\n").slice(1)) {
    if (line === "") continue;
    const [id, , description] = line.split("\t");
    if (!id || !description) throw new Error(`role-descriptions.tsv: a line without id or description: ${line}`);
    descriptions.set(id, description);
  }
  return descriptions;
}

function writePermission(source: SourcePermission): SourcePermission {
  const { actions, notActions, dataActions, notDataActions, condition, conditionVersion } = source;
  return {
    actions,
    notActions,
    dataActions,
    notDataActions,
    ...(condition ? { condition } : {}),
    ...(conditionVersion ? { conditionVersion } : {}),
  };
}

function writeRole(source: SourceRole, descriptions: ReadonlyMap<string, string>): string {
  const description = descriptions.get(source.id);
  if (!description) throw new Error(`no description for role ${source.id} ${source.name}`);
  const permissions = (source.permissions ?? [source]).map(writePermission);
  return JSON.stringify({
    id: source.id,
    roleName: source.name,
    description,
    permissions,
    assignableScopes: source.assignableScopes,
  });
}

function main(): void {
  const folder = process.argv[2];
  if (!folder) throw new Error("usage: make-roles.ts FACTS_FOLDER");
  const roles: SourceRole[] = JSON.parse(readFileSync(join(folder, "builtin-roles.json"), "utf8"));
  const descriptions = readDescriptions(readFileSync(join(folder, "role-descriptions.tsv"), "utf8"));
  const ids = new Set(roles.map((role) => role.id));
  if (roles.length !== EXPECTED_ROLES || ids.size !== EXPECTED_ROLES) {
    throw new Error(`expected ${EXPECTED_ROLES} distinct roles, got ${roles.length} (${ids.size} distinct)`);
  }
  // By code unit, not by locale: the same bytes on every machine.
  roles.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.id < b.id ? -1 : 1));
  writeFileSync(OUTPUT, `[\n${roles.map((role) => writeRole(role, descriptions)).join(",\n")}\n]\n`);
  console.log(`${roles.length} roles`);
}

main();
