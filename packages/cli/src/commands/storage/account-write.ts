/** `postern storage account update`, `keys renew` and `show-connection-string`. @see https://learn.microsoft.com/rest/api/storagerp/storage-accounts */
import { versioned } from "../../azure/resource-manager.ts";
import { shapeStorageAccount, shapeStorageKey } from "../../azure/shapes.ts";
import { defineCommand } from "../../command/command.ts";
import { byResourceId } from "../../command/resource-ids.ts";
import type { Json } from "../../http/service-client.ts";
import { openSession } from "../../session.ts";
import { readTags, resourceGroup, tags } from "../options.ts";
import { accountName, accountType, findAccountPath } from "./account.ts";
import { accountSettings, settingsBody } from "./account-settings.ts";

export const updateAccount = byResourceId(
  accountType,
  defineCommand({
    options: { name: accountName, resourceGroup, tags, ...accountSettings },
    examples: [
      {
        summary: "Take tokens only, no keys",
        line: "postern storage account update -n notesdev -g notes-dev --allow-shared-key-access false",
      },
    ],
    run: async (context, args) => {
      const session = await openSession(context);
      const path = versioned(await findAccountPath(context, session, args.name, args.resourceGroup), "storage");
      const wanted = readTags(args.tags);
      const body = { ...(wanted === undefined ? {} : { tags: wanted }), properties: settingsBody(args) };
      return { data: shapeStorageAccount(await session.resourceManager.json("PATCH", path, body)) };
    },
  }),
);

export const renewKey = defineCommand({
  options: {
    name: { ...accountName, flags: ["--account-name", "-n"] },
    resourceGroup,
    key: {
      kind: "text",
      flags: ["--key"],
      choices: ["key1", "key2", "primary", "secondary"],
      summary: "Which key.",
      required: true,
    },
  },
  examples: [
    {
      summary: "Make a new second key",
      line: "postern storage account keys renew -n notesdev -g notes-dev --key key2",
    },
  ],
  run: async (context, args) => {
    const { key } = args;
    const isOld = key === "primary" || key === "secondary";
    if (isOld) {
      context.notes.warn(
        "The 'primary' and 'secondary' options for --key are deprecated and will be removed in future release, please use 'key1' and 'key2' instead.",
      );
    }
    const keyName = key === "primary" ? "key1" : key === "secondary" ? "key2" : key;
    const session = await openSession(context);
    const path = await findAccountPath(context, session, args.name, args.resourceGroup);
    const answer = await session.resourceManager.json("POST", versioned(`${path}/regenerateKey`, "storage"), {
      keyName,
    });
    return { data: Array.isArray(answer.keys) ? (answer.keys as Json[]).map(shapeStorageKey) : [] };
  },
});

export const showConnectionString = byResourceId(
  accountType,
  defineCommand({
    options: {
      name: accountName,
      resourceGroup,
      key: {
        kind: "text",
        flags: ["--key"],
        choices: ["key1", "key2", "primary", "secondary"],
        summary: "Which key. Default: key1.",
      },
      protocol: { kind: "text", flags: ["--protocol"], choices: ["http", "https"], summary: "Default: https." },
    },
    examples: [
      {
        summary: "For a program that knows keys only",
        line: "postern storage account show-connection-string -n notesdev -o tsv",
      },
    ],
    run: async (context, args) => {
      const session = await openSession(context);
      const path = await findAccountPath(context, session, args.name, args.resourceGroup);
      const account = await session.resourceManager.json("GET", versioned(path, "storage"));
      const { keys } = await session.resourceManager.json("POST", versioned(`${path}/listKeys`, "storage"));
      const index = args.key === "key2" || args.key === "secondary" ? 1 : 0;
      const key = Array.isArray(keys) ? (keys as Json[])[index]?.value : undefined;
      const { primaryEndpoints } = account.properties as { primaryEndpoints?: Json };
      const endpoints = ["blob", "file", "queue", "table"].flatMap((service) => {
        const url = primaryEndpoints?.[service];
        return typeof url === "string" ? [`${service.charAt(0).toUpperCase()}${service.slice(1)}Endpoint=${url}`] : [];
      });
      const parts = [
        `DefaultEndpointsProtocol=${args.protocol ?? "https"}`,
        `EndpointSuffix=${session.endpoints.storageSuffix}`,
        `AccountName=${args.name}`,
        `AccountKey=${String(key ?? "")}`,
        ...endpoints,
      ];
      return { data: { connectionString: parts.join(";") } };
    },
  }),
);
