/** The blob service of an account as Resource Manager's JSON has it. @see https://learn.microsoft.com/rest/api/storagerp/blob-services */
import { blobServiceOf, type GivenBlobService, type GivenRetention } from "../resources/blob-service.ts";
import type { CorsRule, StorageAccount } from "../state/entities.ts";
import { refuse } from "../state/fault.ts";
import { JsonObject } from "./json.ts";

function describeRetention(days: number | null) {
  return days === null ? { enabled: false } : { enabled: true, days };
}

/** The one way to track there is. */
const accessTracking = {
  enable: true,
  name: "AccessTimeTracking",
  trackingGranularityInDays: 1,
  blobType: ["blockBlob"],
};

/** Its properties that say what is kept. */
export function describeBlobService(account: StorageAccount) {
  const settings = blobServiceOf(account);
  return {
    deleteRetentionPolicy: {
      ...describeRetention(settings.deletedBlobDays),
      allowPermanentDelete: settings.isPermanentDeleteAllowed,
    },
    containerDeleteRetentionPolicy: describeRetention(settings.deletedContainerDays),
    cors: { corsRules: (settings.corsRules ?? []).map(describeCorsRule) },
    ...(settings.defaultServiceVersion === undefined ? {} : { defaultServiceVersion: settings.defaultServiceVersion }),
    isVersioningEnabled: settings.isVersioningEnabled,
    ...(settings.isLastAccessTracked ? { lastAccessTimeTrackingPolicy: accessTracking } : {}),
  };
}

function readRetention(properties: JsonObject, name: string): GivenRetention | undefined {
  if (!properties.has(name)) return undefined;
  const policy = properties.object(name);
  return { isEnabled: policy.boolean("enabled"), days: policy.number("days") };
}

/** What would have to be ignored is refused by name, unless it says that it is off. */
function refuseUnserved(properties: JsonObject): void {
  for (const name of ["changeFeed", "restorePolicy"]) {
    const policy = properties.object(name);
    if (policy.boolean("enabled") === true) refuse({ kind: "not-implemented", what: name });
  }
}

/** Reads what a caller says of it. @throws ArmRefusal `content-invalid`; Refusal `not-implemented`. */
export function readBlobService(body: JsonObject): GivenBlobService {
  const properties = body.object("properties");
  refuseUnserved(properties);
  return {
    isVersioningEnabled: properties.boolean("isVersioningEnabled"),
    deletedBlobs: readRetention(properties, "deleteRetentionPolicy"),
    isPermanentDeleteAllowed: properties.object("deleteRetentionPolicy").boolean("allowPermanentDelete"),
    deletedContainers: readRetention(properties, "containerDeleteRetentionPolicy"),
    isLastAccessTracked: properties.object("lastAccessTimeTrackingPolicy").boolean("enable"),
    corsRules: properties.object("cors").array("corsRules")?.map(readCorsRule),
    defaultServiceVersion: properties.string("defaultServiceVersion"),
  };
}

function readCorsRule(value: unknown): CorsRule {
  const rule = new JsonObject(value, "cors.corsRules");
  return {
    allowedOrigins: rule.strings("allowedOrigins") ?? [],
    allowedMethods: rule.strings("allowedMethods") ?? [],
    allowedHeaders: rule.strings("allowedHeaders") ?? [],
    exposedHeaders: rule.strings("exposedHeaders") ?? [],
    maxAgeSeconds: rule.number("maxAgeInSeconds") ?? 0,
  };
}

function describeCorsRule({ maxAgeSeconds, ...lists }: CorsRule) {
  return { ...lists, maxAgeInSeconds: maxAgeSeconds };
}
