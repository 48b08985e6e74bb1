/** `postern import FILE`: makes what az listed elsewhere, or what an ARM template holds. May use: transfer/, azure/, session.ts. */

import { existsSync } from "node:fs";
import { encodeScope } from "../azure/identifiers.ts";
import { getObjects } from "../azure/principals.ts";
import { type apiVersions, versioned } from "../azure/resource-manager.ts";
import { createRoleAssignment } from "../azure/roles.ts";
import { defineCommand } from "../command/command.ts";
import { readJsonArgument } from "../command/json-argument.ts";
import { describeError, failure, usageFault } from "../faults.ts";
import type { Json, ServiceClient } from "../http/service-client.ts";
import { ServiceFault } from "../http/service-fault.ts";
import { isObject } from "../output/ordered.ts";
import { findSubscriptionId, openSession, type Session } from "../session.ts";
import { deployTemplate } from "../transfer/deployment.ts";
import { type Planned, type PlannedKind, planImport } from "../transfer/import-plan.ts";

const versionsOf: Readonly<Record<PlannedKind, keyof typeof apiVersions>> = {
  "resource group": "resourceGroups",
  "storage account": "storage",
  "managed identity": "managedIdentities",
  "role definition": "roleDefinitions",
  "role assignment": "roleAssignments",
};

export const command = defineCommand({
  positionals: [
    {
      name: "FILE",
      summary: "JSON of az's (`az group list`, `az role assignment list --all` and so on), or an ARM template.",
    },
  ],
  options: {
    resourceGroup: { kind: "text", flags: ["--resource-group", "-g"], summary: "Of a template that is for a group." },
    principals: {
      kind: "text",
      flags: ["--principals"],
      valueName: "FILE",
      summary: 'Who here stands for whom there: {"object ID there": "object ID here"}.',
    },
    dryrun: { kind: "flag", flags: ["--dryrun"], summary: "Say what would be made; make nothing." },
  },
  examples: [
    { summary: "The groups of a real subscription", line: "az group list > groups.json; postern import groups.json" },
    {
      summary: "Its roles' assignments, for who is known here",
      line: "postern import assignments.json --principals people.json",
    },
  ],
  run: async (context, args, { positionals }) => {
    if (!existsSync(positionals[0]!)) throw usageFault(`There is no file ${positionals[0]!}.`);
    const document = readJsonArgument(positionals[0]!);
    const people = args.principals === undefined ? {} : readJsonArgument(args.principals);
    if (!isObject(people)) throw usageFault("--principals names a file with a JSON object.");
    const session = await openSession(context);
    const subscriptionId = await findSubscriptionId(context, session);
    if (isObject(document) && String(document.$schema ?? "").includes("eploymentTemplate.json")) {
      if (args.dryrun) throw usageFault("--dryrun is for az's lists.");
      return {
        data: await deployTemplate(session, subscriptionId, {
          template: document,
          group: args.resourceGroup,
          parameters: {},
        }),
      };
    }
    const { planned, skipped } = planImport(document, subscriptionId);
    const known = await findKnown(session, planned, people);
    const results: Json[] = skipped.map((what) => ({ kind: null, name: what, outcome: "left out" }));
    for (const one of planned) {
      context.notes.progress(`${one.kind} ${one.name}`);
      const outcome = args.dryrun ? "would be made" : await make(session, one, known);
      if (outcome.startsWith("failed")) context.notes.error(`${one.kind} ${one.name}: ${outcome}`);
      results.push({ kind: one.kind, name: one.name, outcome });
    }
    const hasFailed = results.some(({ outcome }) => String(outcome).startsWith("failed"));
    return { data: results, exitCode: hasFailed ? 1 : 0 };
  },
});

/** Principals' IDs there, with those here: by the user's file, else the same when it is known here. */
async function findKnown(
  { graph }: Session,
  planned: readonly Planned[],
  people: Json,
): Promise<ReadonlyMap<string, string>> {
  const ids = planned.flatMap(({ kind, body }) =>
    kind === "role assignment" ? [String((body.properties as Json).principalId)] : [],
  );
  const wanted = new Map([...new Set(ids)].map((id) => [id, String(people[id] ?? id)]));
  const there = new Set((await getObjects(graph, [...wanted.values()])).map(({ id }) => String(id)));
  return new Map([...wanted].filter(([, id]) => there.has(id)));
}

async function make({ resourceManager }: Session, one: Planned, known: ReadonlyMap<string, string>): Promise<string> {
  try {
    if (one.kind !== "role assignment") {
      const path = versioned(encodeScope(one.id), versionsOf[one.kind]);
      const wasThere = await isThere(resourceManager, path);
      await resourceManager.finish("PUT", path, one.body);
      return wasThere ? "was there, is as it says now" : "made";
    }
    const properties = one.body.properties as Json;
    const principalId = known.get(String(properties.principalId));
    if (principalId === undefined) return "left out: nobody here is its principal (see --principals)";
    const [scope = "", name = ""] = one.id.split(/\/providers\/Microsoft.Authorization\/roleAssignments\//i);
    const wanted = { ...properties, principalId, scope: scope === "" ? "/" : scope, name };
    const created = await createRoleAssignment(
      resourceManager,
      wanted as unknown as Parameters<typeof createRoleAssignment>[1],
    );
    return created === undefined ? "is there already" : "made";
  } catch (error) {
    if (!(error instanceof Error)) throw failure(describeError(error));
    return `failed: ${error.message.split("\n")[0]}`;
  }
}

async function isThere(resourceManager: ServiceClient, path: string): Promise<boolean> {
  try {
    await resourceManager.send("GET", path);
    return true;
  } catch (error) {
    if (error instanceof ServiceFault && error.status === 404) return false;
    throw error;
  }
}
