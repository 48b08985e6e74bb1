/** addPassword and removePassword, the same on applications and service principals: the only moment a secret's text exists. */
import { addPassword, type CredentialHolder, removePassword } from "../directory/credential.ts";
import { refuse } from "../state/fault.ts";
import type { Guid } from "../state/identifiers.ts";
import type { Reply } from "../wire/exchange.ts";
import { answerValue, noContent } from "./answers.ts";
import { renderPassword } from "./application-type.ts";
import { change, freshId } from "./changes.ts";
import { JsonMembers } from "./json-members.ts";
import type { GraphCall } from "./operation.ts";

const titles = { application: "Application", servicePrincipal: "ServicePrincipal" } as const;

export const samplePassword = { passwordCredential: { displayName: "sample" } } as const;
export const samplePasswordRemoval = { keyId: "11111111-2222-4333-8444-555555555555" } as const;

/** @see https://learn.microsoft.com/graph/api/application-addpassword */
export async function addPasswordTo(call: GraphCall, holder: CredentialHolder): Promise<Reply> {
  const members = new JsonMembers(call.body, titles[holder.kind]);
  const wanted = members.object("passwordCredential");
  const request = {
    displayName: wanted?.optionalText("displayName") ?? null,
    startDateTime: wanted?.time("startDateTime") ?? null,
    endDateTime: wanted?.time("endDateTime") ?? null,
  };
  wanted?.finish({ readOnly: [], absent: ["customKeyIdentifier", "hint", "keyId", "secretText"] });
  members.finish({ readOnly: [], absent: [] });
  const { secretText, hint, secretHash } = call.cloud.secrets.make(call.cloud.ports);
  const made = { keyId: freshId<Guid>(call), hint, secretHash, now: call.cloud.ports.now() };
  const credential = await change(call, `Add password to ${holder.kind}`, (model) =>
    addPassword(model, holder, request, made),
  );
  return answerValue(call, "microsoft.graph.passwordCredential", renderPassword(credential, secretText));
}

/** @see https://learn.microsoft.com/graph/api/application-removepassword */
export async function removePasswordFrom(call: GraphCall, holder: CredentialHolder): Promise<Reply> {
  const members = new JsonMembers(call.body, titles[holder.kind]);
  const keyId = members.guid("keyId") ?? members.refuse("keyId");
  members.finish({ readOnly: [], absent: [] });
  await change(call, `Remove password from ${holder.kind}`, (model) => removePassword(model, holder, keyId));
  return noContent;
}

/** The keys a PATCH of `passwordCredentials` names; undefined when it does not mention them. Whatever else it says of them is as it was. */
export function readKeptPasswords(members: JsonMembers): readonly Guid[] | undefined {
  return members.list("passwordCredentials")?.map((item) => {
    const credential = new JsonMembers(item, "PasswordCredential");
    // One without a key would be a new one: those are made by addPassword alone.
    return (
      credential.guid("keyId") ??
      refuse({ kind: "value-invalid", objectKind: "application", property: "passwordCredentials", why: "not-allowed" })
    );
  });
}
