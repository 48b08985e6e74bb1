/** `postern identity federated-credential`. @see https://learn.microsoft.com/rest/api/managedidentity/federated-identity-credentials */
import { encodeScope } from "../../azure/identifiers.ts";
import { managedIdentityPath, versioned } from "../../azure/resource-manager.ts";
import { shapeFederatedCredential } from "../../azure/shapes.ts";
import { type Context, defineCommand, type Option } from "../../command/command.ts";
import type { Json } from "../../http/service-client.ts";
import { findSubscriptionId, openSession, type Session } from "../../session.ts";
import { confirm, requiredText, yes } from "../options.ts";
import { identityGroup } from "./options.ts";

const identityName = requiredText(["--identity-name"], "Name of the managed identity.");
const name = requiredText(["--name", "-n"], "Name of the federated credential.");
const parts = {
  issuer: { kind: "text", flags: ["--issuer"], summary: "Who issues the tokens." },
  subject: { kind: "text", flags: ["--subject"], summary: "Whom they are of." },
  audiences: {
    kind: "list",
    flags: ["--audiences"],
    summary: "Whom they are for. Default: api://AzureADTokenExchange.",
  },
} as const satisfies Readonly<Record<string, Option>>;
const sample = "--identity-name worker --resource-group notes-dev";

async function pathOf(
  context: Context,
  session: Session,
  args: { readonly identityName: string; readonly resourceGroup: string },
  credential?: string,
): Promise<string> {
  const identity = managedIdentityPath(
    await findSubscriptionId(context, session),
    args.resourceGroup,
    args.identityName,
  );
  const tail = credential === undefined ? "" : encodeScope(`/${credential}`);
  return versioned(`${identity}/federatedIdentityCredentials${tail}`, "managedIdentities");
}

export const listFederated = defineCommand({
  options: { identityName, resourceGroup: identityGroup },
  examples: [{ summary: "List them", line: `postern identity federated-credential list ${sample}` }],
  run: async (context, args) => {
    const session = await openSession(context);
    const found = await session.resourceManager.list(await pathOf(context, session, args));
    return { data: found.map(shapeFederatedCredential) };
  },
});

export const showFederated = defineCommand({
  options: { name, identityName, resourceGroup: identityGroup },
  examples: [{ summary: "Show one", line: `postern identity federated-credential show --name ci ${sample}` }],
  run: async (context, args) => {
    const session = await openSession(context);
    const path = await pathOf(context, session, args, args.name);
    return { data: shapeFederatedCredential(await session.resourceManager.json("GET", path)) };
  },
});

function writer(word: "create" | "update") {
  return defineCommand({
    options: { name, identityName, resourceGroup: identityGroup, ...parts },
    examples: [
      {
        summary: "Let a workload of a Kubernetes cluster be the identity",
        line: `postern identity federated-credential ${word} --name ci ${sample} --issuer https://cluster.example --subject system:serviceaccount:default:app`,
      },
    ],
    run: async (context, args) => {
      const session = await openSession(context);
      const path = await pathOf(context, session, args, args.name);
      const before = word === "create" ? {} : ((await session.resourceManager.json("GET", path)).properties as Json);
      const given = { issuer: args.issuer, subject: args.subject, audiences: args.audiences };
      const known = Object.entries(given).filter(([, value]) => value !== undefined);
      const properties = { audiences: ["api://AzureADTokenExchange"], ...before, ...Object.fromEntries(known) };
      return { data: shapeFederatedCredential(await session.resourceManager.json("PUT", path, { properties })) };
    },
  });
}

export const createFederated = writer("create");
export const updateFederated = writer("update");

export const deleteFederated = defineCommand({
  options: { name, identityName, resourceGroup: identityGroup, yes },
  examples: [{ summary: "Remove one", line: `postern identity federated-credential delete --name ci ${sample} --yes` }],
  run: async (context, args) => {
    await confirm(context, args.yes);
    const session = await openSession(context);
    await session.resourceManager.send("DELETE", await pathOf(context, session, args, args.name));
    return {};
  },
});
