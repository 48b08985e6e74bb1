/** Get User Delegation Key. */
import { giveDelegationSecret } from "../../resources/storage-account-keys.ts";
import { parseGuid } from "../../state/identifiers.ts";
import { StorageError } from "../errors.ts";
import { maxDelegationKeyBytes, maxDelegationKeyMs } from "../limits.ts";
import type { AccountCall, Answer } from "../operation-row.ts";
import { readContentLength, readWholeBody } from "../request-body.ts";
import { element, xmlDeclaration } from "../xml.ts";
import { childOf, readXml } from "../xml-reader.ts";
import { type DelegationKeyTerms, delegationKey } from "./delegation-key.ts";
import { clockSkewMs } from "./shared-key.ts";
import { readMoment, writeMoment } from "./signed-parameters.ts";

/**
 * Makes a key for the caller, who must be a principal.
 * @see https://learn.microsoft.com/rest/api/storageservices/get-user-delegation-key
 */
export async function getUserDelegationKey(call: AccountCall): Promise<Answer> {
  const { exchange, headers, account, cloud, principalId, version } = call;
  if (principalId === null) throw new StorageError("AuthenticationFailed");
  const body = await readWholeBody(exchange.request, readContentLength(headers, maxDelegationKeyBytes));
  const { startMs, expiryMs, delegatedTenantId } = readKeyInfo(body, cloud.ports.now().getTime());
  const actor = { principalId, displayName: cloud.model.principal(principalId)?.row.displayName ?? "" };
  const secret = await cloud.store.change(actor, "Get User Delegation Key", (model) => {
    const present = model.storageAccount(account.name);
    if (present === undefined) throw new StorageError("ResourceNotFound");
    return giveDelegationSecret(present, cloud.ports);
  });
  const { tenantId } = cloud.model.tenant;
  const terms = { objectId: principalId, tenantId, startMs, expiryMs, version, delegatedTenantId };
  const parts = [
    element("SignedOid", principalId),
    element("SignedTid", tenantId),
    element("SignedStart", writeMoment(startMs)),
    element("SignedExpiry", writeMoment(expiryMs)),
    element("SignedService", "b"),
    element("SignedVersion", version),
    delegatedTenantId === "" ? "" : element("SignedDelegatedUserTid", delegatedTenantId),
    element("Value", delegationKey(secret, terms)),
  ];
  const xml = `${xmlDeclaration}<UserDelegationKey>${parts.join("")}</UserDelegationKey>`;
  return { status: 200, headers: { "Content-Type": "application/xml", "Cache-Control": "no-store" }, body: xml };
}

type KeyInfo = Required<Pick<DelegationKeyTerms, "startMs" | "expiryMs" | "delegatedTenantId">>;

function readKeyInfo(body: Buffer, nowMs: number): KeyInfo {
  const root = readXml(body);
  if (root.name !== "KeyInfo") throw new StorageError("InvalidXmlDocument");
  const text = (name: string): string => childOf(root, name)?.text ?? "";
  const read = (name: string): number => {
    try {
      return readMoment(name, text(name));
    } catch {
      throw new StorageError("InvalidXmlNodeValue", { details: { XmlNodeName: name, XmlNodeValue: text(name) } });
    }
  };
  const expiryMs = read("Expiry");
  const startMs = text("Start") === "" ? nowMs : read("Start");
  // Neither may the key be long, nor begin in times to come; clocks may differ.
  const lastMs = Math.min(startMs, nowMs + clockSkewMs) + maxDelegationKeyMs;
  if (expiryMs <= startMs || expiryMs <= nowMs || expiryMs > lastMs) {
    throw new StorageError("InvalidXmlNodeValue", { details: { XmlNodeName: "Expiry", XmlNodeValue: text("Expiry") } });
  }
  const delegatedTenantId = text("DelegatedUserTid");
  if (delegatedTenantId !== "" && parseGuid(delegatedTenantId) === undefined) {
    const details = { XmlNodeName: "DelegatedUserTid", XmlNodeValue: delegatedTenantId };
    throw new StorageError("InvalidXmlNodeValue", { details });
  }
  return { startMs, expiryMs, delegatedTenantId };
}
