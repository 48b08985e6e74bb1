/**
 * `credential list` and `delete` of `ad app` and `ad sp`, which differ in whose they are only.
 * @see https://learn.microsoft.com/graph/api/resources/passwordcredential
 */
import { type CredentialOwner, getApplication, getServicePrincipal } from "../../azure/applications.ts";
import { defineCommand, type Option } from "../../command/command.ts";
import { failure } from "../../faults.ts";
import type { Json } from "../../http/service-client.ts";
import { openSession } from "../../session.ts";
import { applicationId, servicePrincipalId } from "./options.ts";

const cert = { kind: "flag", flags: ["--cert"], summary: "Operate on certificates." } as const satisfies Option;
const finders = { applications: getApplication, servicePrincipals: getServicePrincipal } as const;
const words = { applications: "app", servicePrincipals: "sp" } as const;

function list(owner: CredentialOwner) {
  return defineCommand({
    options: { id: owner === "applications" ? applicationId : servicePrincipalId, cert },
    examples: [
      { summary: "When do the secrets end?", line: `postern ad ${words[owner]} credential list --id APPID -o table` },
    ],
    run: async (context, args) => {
      const { graph } = await openSession(context);
      const object = await finders[owner](graph, args.id);
      return { data: args.cert ? object.keyCredentials : object.passwordCredentials };
    },
  });
}

function remove(owner: CredentialOwner) {
  return defineCommand({
    options: {
      id: owner === "applications" ? applicationId : servicePrincipalId,
      keyId: { kind: "text", flags: ["--key-id"], summary: "The credential's key ID.", required: true },
      cert,
    },
    examples: [
      { summary: "Remove a secret", line: `postern ad ${words[owner]} credential delete --id APPID --key-id KEYID` },
    ],
    run: async (context, args) => {
      const { graph } = await openSession(context);
      const object = await finders[owner](graph, args.id);
      const path = `/${owner}/${String(object.id)}`;
      if (!args.cert) {
        await graph.send("POST", `${path}/removePassword`, { keyId: args.keyId });
        return {};
      }
      const keys = (object.keyCredentials as Json[] | undefined) ?? [];
      const kept = keys.filter(({ keyId }) => keyId !== args.keyId);
      if (kept.length === keys.length) {
        throw failure(`No key credential found with keyId as '${args.keyId}' in graph object '${String(object.id)}'.`);
      }
      await graph.send("PATCH", path, { keyCredentials: kept });
      return {};
    },
  });
}

export const listAppCredentials = list("applications");
export const deleteAppCredential = remove("applications");
export const listSpCredentials = list("servicePrincipals");
export const deleteSpCredential = remove("servicePrincipals");
