/** How long the server takes to start on a state folder with very many role assignments: its own start, from its own store. */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { assignmentId, assignmentOf, peopleCount, principalId, roles, scopeText } from "./decision-world.ts";
import { measureStart, type Program, type Start } from "./measure.ts";

const root = join(import.meta.dirname, "..");

const firstMs = Date.UTC(2026, 0, 1);

function server(stateDir: string): Program {
  return {
    name: "Postern",
    command: [process.execPath, join(root, "packages/server/dist/main.js"), "up", "--state", stateDir, "--port", "0"],
    isReady: (output) => /^ready /m.test(output),
  };
}

/** Writes the rows as the server's own changes would have left them, in one transaction. */
function fill(stateDir: string, assignments: number): void {
  const database = new DatabaseSync(join(stateDir, "state.db"));
  const insert = database.prepare("INSERT INTO rows (kind, key, value) VALUES ('roleAssignment', ?, ?)");
  database.exec("BEGIN");
  for (let number = 0; number < assignments; number += 1) {
    const { principal, role, place } = assignmentOf(number);
    const name = assignmentId(number);
    // Each at a moment of its own, as the server writes them.
    const time = new Date(firstMs + number * 1000).toISOString();
    const row = {
      name,
      scope: scopeText(place),
      roleDefinitionId: roles[role]!.id,
      principalId: principalId(principal),
      principalType: principal < peopleCount ? "User" : "Group",
      description: null,
      condition: null,
      conditionVersion: null,
      delegatedManagedIdentityResourceId: null,
      createdOn: time,
      updatedOn: time,
      createdBy: principalId(0),
      updatedBy: principalId(0),
    };
    insert.run(name, JSON.stringify(row));
  }
  database.exec("COMMIT");
  database.close();
}

/**
 * Measures starts without and with the assignments.
 * @param stateDir a folder that is not there yet.
 */
export async function measureLoad(
  stateDir: string,
  assignments: number,
  rounds: number,
): Promise<{ readonly empty: readonly Start[]; readonly full: readonly Start[] }> {
  const program = server(stateDir);
  // The first start makes the folder.
  await measureStart(program);
  const [empty, full]: [Start[], Start[]] = [[], []];
  for (let round = 0; round < rounds; round += 1) empty.push(await measureStart(program));
  fill(stateDir, assignments);
  for (let round = 0; round < rounds; round += 1) full.push(await measureStart(program));
  return { empty, full };
}
