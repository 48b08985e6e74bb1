/**
 * Set and Get Blob Service Properties: the same settings that Resource Manager has, in the words of the service.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/set-blob-service-properties
 */
import { blobServiceOf, changeBlobService } from "../resources/blob-service.ts";
import { systemActor } from "../state/change.ts";
import { Refusal } from "../state/fault.ts";
import { ensureContainer, logsContainer } from "./analytics/log-blobs.ts";
import { logsAnything } from "./analytics/logged-operation.ts";
import { StorageError } from "./errors.ts";
import { maxServicePropertiesBytes } from "./limits.ts";
import type { AccountCall, Answer } from "./operation-row.ts";
import { readContentLength, readWholeBody } from "./request-body.ts";
import { readServiceProperties, writeServiceProperties } from "./service-properties-xml.ts";
import { readXml } from "./xml-reader.ts";

export function getServiceProperties({ account, version }: AccountCall): Answer {
  const body = writeServiceProperties(blobServiceOf(account), version);
  return { status: 200, headers: { "Content-Type": "application/xml" }, body };
}

/** What the body does not speak of stays as it is. */
export async function setServiceProperties(call: AccountCall): Promise<Answer> {
  const { exchange, headers, account, cloud, principalId } = call;
  const body = await readWholeBody(exchange.request, readContentLength(headers, maxServicePropertiesBytes));
  const given = readServiceProperties(readXml(body));
  // A key and a signature name nobody; what they change was changed by the account.
  const name = principalId === null ? account.name : (cloud.model.principal(principalId)?.row.displayName ?? "");
  const actor = { principalId: principalId ?? systemActor.principalId, displayName: name };
  const place = { subscriptionId: account.subscriptionId, resourceGroup: account.resourceGroup, name: account.name };
  try {
    await cloud.store.change(actor, "Set Blob Service Properties", (model) => changeBlobService(model, place, given));
  } catch (cause) {
    // It was deleted in the meantime.
    if (cause instanceof Refusal && cause.fault.kind === "resource-not-found")
      throw new StorageError("ResourceNotFound");
    if (!(cause instanceof Refusal) || cause.fault.kind !== "value-invalid") throw cause;
    throw new StorageError("InvalidXmlNodeValue", { details: { XmlNodeName: cause.fault.property } });
  }
  // A website's pages, and the logs of requests, have their place as soon as they are switched on.
  if (given.staticWebsite) await ensureContainer(call.engine, account.name, "$web");
  if (given.analytics?.logging !== undefined && logsAnything(given.analytics.logging)) {
    await ensureContainer(call.engine, account.name, logsContainer);
  }
  return { status: 202, headers: {} };
}
