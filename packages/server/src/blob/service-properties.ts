/**
 * Set and Get Blob Service Properties: the same settings that Resource Manager has, in the words of the service.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/set-blob-service-properties
 */
import { blobServiceOf, changeBlobService, type GivenBlobService } from "../resources/blob-service.ts";
import { systemActor } from "../state/change.ts";
import type { CorsRule } from "../state/entities.ts";
import { Refusal } from "../state/fault.ts";
import { notImplemented, StorageError } from "./errors.ts";
import { maxServicePropertiesBytes } from "./limits.ts";
import type { AccountCall, Answer } from "./operation-row.ts";
import { readContentLength, readWholeBody } from "./request-body.ts";
import { element, xmlDeclaration } from "./xml.ts";
import { childOf, readXml, type XmlElement } from "./xml-reader.ts";

const off = element("Enabled", "false");
const metrics = `${element("Version", "1.0")}${off}<RetentionPolicy>${off}</RetentionPolicy>`;

export function getServiceProperties({ account }: AccountCall): Answer {
  const { corsRules = [], deletedBlobDays, defaultServiceVersion } = blobServiceOf(account);
  const retention = deletedBlobDays === null ? off : `${element("Enabled", "true")}${element("Days", deletedBlobDays)}`;
  const body = [
    xmlDeclaration,
    "<StorageServiceProperties>",
    `<Logging>${element("Version", "1.0")}${element("Read", false)}${element("Write", false)}${element("Delete", false)}<RetentionPolicy>${off}</RetentionPolicy></Logging>`,
    `<HourMetrics>${metrics}</HourMetrics><MinuteMetrics>${metrics}</MinuteMetrics>`,
    corsRules.length === 0 ? "<Cors />" : `<Cors>${corsRules.map(writeCorsRule).join("")}</Cors>`,
    defaultServiceVersion === undefined ? "" : element("DefaultServiceVersion", defaultServiceVersion),
    `<DeleteRetentionPolicy>${retention}</DeleteRetentionPolicy><StaticWebsite>${off}</StaticWebsite>`,
    "</StorageServiceProperties>",
  ].join("");
  return { status: 200, headers: { "Content-Type": "application/xml" }, body };
}

function writeCorsRule(rule: CorsRule): string {
  const parts = [
    element("AllowedOrigins", rule.allowedOrigins.join(",")),
    element("AllowedMethods", rule.allowedMethods.join(",")),
    element("MaxAgeInSeconds", rule.maxAgeSeconds),
    element("ExposedHeaders", rule.exposedHeaders.join(",")),
    element("AllowedHeaders", rule.allowedHeaders.join(",")),
  ];
  return `<CorsRule>${parts.join("")}</CorsRule>`;
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
    if (!(cause instanceof Refusal) || cause.fault.kind !== "value-invalid") throw cause;
    throw new StorageError("InvalidXmlNodeValue", { details: { XmlNodeName: cause.fault.property } });
  }
  return { status: 202, headers: {} };
}

/** Exported for its tests. @throws StorageError `InvalidXmlDocument`, `InvalidXmlNodeValue`, `NotImplemented`. */
export function readServiceProperties(root: XmlElement): GivenBlobService {
  if (root.name !== "StorageServiceProperties") throw new StorageError("InvalidXmlDocument");
  refuseUnserved(root);
  const retention = childOf(root, "DeleteRetentionPolicy");
  const days = retention && childOf(retention, "Days")?.text;
  const cors = childOf(root, "Cors");
  return {
    isVersioningEnabled: undefined,
    deletedBlobs: retention && {
      isEnabled: isOn(retention, "Enabled"),
      days: days === undefined || days === "" ? undefined : Number(days),
    },
    isPermanentDeleteAllowed:
      retention && childOf(retention, "AllowPermanentDelete") && isOn(retention, "AllowPermanentDelete"),
    deletedContainers: undefined,
    isLastAccessTracked: undefined,
    corsRules: cors?.children.map(readCorsRule),
    defaultServiceVersion: childOf(root, "DefaultServiceVersion")?.text || undefined,
  };
}

function isOn(parent: XmlElement, name: string): boolean {
  const text = childOf(parent, name)?.text.trim().toLowerCase();
  if (text !== undefined && text !== "true" && text !== "false") {
    throw new StorageError("InvalidXmlNodeValue", { details: { XmlNodeName: name, XmlNodeValue: text } });
  }
  return text === "true";
}

function readCorsRule(rule: XmlElement): CorsRule {
  if (rule.name !== "CorsRule") throw new StorageError("InvalidXmlDocument");
  const list = (name: string): string[] =>
    (childOf(rule, name)?.text ?? "")
      .split(",")
      .map((part) => part.trim())
      .filter((part) => part !== "");
  return {
    allowedOrigins: list("AllowedOrigins"),
    allowedMethods: list("AllowedMethods"),
    allowedHeaders: list("AllowedHeaders"),
    exposedHeaders: list("ExposedHeaders"),
    maxAgeSeconds: Number(childOf(rule, "MaxAgeInSeconds")?.text || "0"),
  };
}

/** Logs and metrics of the classic kind, and websites, cannot be switched on here: to say nothing would be to pretend. */
function refuseUnserved(root: XmlElement): void {
  const logging = childOf(root, "Logging");
  if (logging !== undefined && ["Read", "Write", "Delete"].some((name) => isOn(logging, name))) {
    throw notImplemented("storage analytics logs");
  }
  for (const name of ["HourMetrics", "MinuteMetrics"]) {
    const wanted = childOf(root, name);
    if (wanted !== undefined && isOn(wanted, "Enabled")) throw notImplemented("storage analytics metrics");
  }
  const website = childOf(root, "StaticWebsite");
  if (website !== undefined && isOn(website, "Enabled")) throw notImplemented("static websites");
}
