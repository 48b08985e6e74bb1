/**
 * Certificates on applications and service principals: as they are shown, as a body names them, and addKey and removeKey, which ask for proof
 * that the caller holds the key of one that is there already.
 * @see https://learn.microsoft.com/graph/api/resources/keycredential
 */
import type { CredentialHolder } from "../directory/credential.ts";
import { addKey, type KeyRequest, removeKey } from "../directory/key-credential.ts";
import type { KeyCredential } from "../state/entities.ts";
import { firstPartyAppIds } from "../state/first-party.ts";
import type { Guid } from "../state/identifiers.ts";
import { judgeCertificateProof } from "../tokens/certificate-proof.ts";
import { instantOf, parseForeignJws } from "../tokens/foreign-jws.ts";
import type { Reply } from "../wire/exchange.ts";
import { answerValue, noContent } from "./answers.ts";
import { change, freshId } from "./changes.ts";
import { refuseGraph } from "./graph-fault.ts";
import { JsonMembers } from "./json-members.ts";
import { keyType, keyUsage, renderKey } from "./key-credential-shape.ts";
import type { GraphCall } from "./operation.ts";
import type { ResourceType } from "./resource-type.ts";

const titles = { application: "Application", servicePrincipal: "ServicePrincipal" } as const;

/** Azure AD Graph's appId, which older tools still name as the proof's audience. */
const oldGraphAppId = "00000002-0000-0000-c000-000000000000";
/** A proof's longest life, in seconds. @see https://learn.microsoft.com/graph/application-rollkey-prooftoken */
const maxProofLifetimeSeconds = 600;
/** How far clocks may be apart, in seconds: the default of Microsoft's token validators. */
const clockSkewSeconds = 300;

export const sampleKey = {
  keyCredential: { type: keyType, usage: keyUsage, key: "AAAA" },
  passwordCredential: null,
  proof: "a.b.c",
} as const;
export const sampleKeyRemoval = { keyId: "11111111-2222-4333-8444-555555555555", proof: "a.b.c" } as const;

/** The type for one object: a request that selects `keyCredentials` gets the certificates themselves, others never do. */
export function typeShowingKeys<Row extends { readonly keyCredentials: readonly KeyCredential[] }>(
  call: GraphCall,
  type: ResourceType<Row>,
): ResourceType<Row> {
  if (call.options.select?.some((name) => name.toLowerCase() === "keycredentials") !== true) return type;
  const read = (row: Row) => row.keyCredentials.map((credential) => renderKey(credential, true));
  const shown = { name: "keyCredentials", read };
  return { ...type, properties: type.properties.map((property) => (property.name === shown.name ? shown : property)) };
}

/** The certificates that a POST or PATCH of `keyCredentials` names; undefined when it does not mention them. */
export function readKeys(call: GraphCall, members: JsonMembers): readonly KeyRequest[] | undefined {
  return members.list("keyCredentials")?.map((item) => readKey(call, new JsonMembers(item, "KeyCredential")));
}

function readKey(call: GraphCall, members: JsonMembers): KeyRequest {
  const given = members.take("keyId");
  const request: KeyRequest = {
    keyId:
      given === undefined || given === null ? freshId<Guid>(call) : (members.guid("keyId") ?? members.refuse("keyId")),
    key: members.optionalText("key") ?? null,
    displayName: members.optionalText("displayName") ?? null,
    startDateTime: members.time("startDateTime") ?? null,
    endDateTime: members.time("endDateTime") ?? null,
  };
  if ((members.text("type") ?? keyType) !== keyType)
    refuseGraph({ kind: "absent", what: `a key credential that is not ${keyType}` });
  if ((members.text("usage") ?? keyUsage) !== keyUsage)
    refuseGraph({ kind: "absent", what: `a key credential whose usage is not ${keyUsage}` });
  // Computed from the certificate; a client that writes back what it read sends it.
  members.take("customKeyIdentifier");
  members.take("hasExtendedValue");
  members.finish({ readOnly: [], absent: [] });
  return request;
}

/** @see https://learn.microsoft.com/graph/api/application-addkey */
export async function addKeyTo(call: GraphCall, holder: CredentialHolder): Promise<Reply> {
  const members = new JsonMembers(call.body, titles[holder.kind]);
  const proof = members.text("proof") ?? members.refuse("proof");
  const wanted = members.object("keyCredential") ?? members.refuse("keyCredential");
  if (members.object("passwordCredential") !== undefined)
    refuseGraph({ kind: "absent", what: "a key credential with a password" });
  members.finish({ readOnly: [], absent: [] });
  const request = readKey(call, wanted);
  const credential = await change(call, `Add key to ${holder.kind}`, (model) => {
    checkProof(call, holder, proof);
    return addKey(model, holder, request);
  });
  return answerValue(call, "microsoft.graph.keyCredential", renderKey(credential));
}

/** @see https://learn.microsoft.com/graph/api/application-removekey */
export async function removeKeyFrom(call: GraphCall, holder: CredentialHolder): Promise<Reply> {
  const members = new JsonMembers(call.body, titles[holder.kind]);
  const keyId = members.guid("keyId") ?? members.refuse("keyId");
  const proof = members.text("proof") ?? members.refuse("proof");
  members.finish({ readOnly: [], absent: [] });
  await change(call, `Remove key from ${holder.kind}`, (model) => {
    checkProof(call, holder, proof);
    return removeKey(model, holder, keyId);
  });
  return noContent;
}

/**
 * A proof is signed with the key of a certificate of the very object, which counts today; it is for Graph and at most ten minutes long.
 * @throws GraphRefusal `proof-invalid`.
 */
function checkProof({ cloud }: GraphCall, { kind, id }: CredentialHolder, proof: string): void {
  const { model, ports } = cloud;
  const now = ports.now();
  const row = kind === "application" ? model.applications.get(id) : model.servicePrincipals.get(id);
  const jws = parseForeignJws(proof);
  if (jws === undefined || judgeCertificateProof(jws, row?.keyCredentials ?? [], now).kind !== "valid")
    refuseGraph({ kind: "proof-invalid" });
  const { iss, aud, nbf, exp } = jws.claims;
  const seconds = now.getTime() / 1000;
  const [start, end] = [instantOf(nbf), instantOf(exp)];
  const isCurrent =
    start !== undefined &&
    end !== undefined &&
    end - start <= maxProofLifetimeSeconds &&
    seconds >= start - clockSkewSeconds &&
    seconds < end + clockSkewSeconds;
  const isForGraph = aud === firstPartyAppIds.microsoftGraph || aud === oldGraphAppId;
  if (!isCurrent || !isForGraph || iss !== id) refuseGraph({ kind: "proof-invalid" });
}
