/** The settings of the Blob service in its own XML: how they are written, and how they are read. */
import type { GivenBlobService } from "../resources/blob-service.ts";
import { noAnalytics } from "../resources/blob-service.ts";
import type {
  Analytics,
  AnalyticsLogging,
  AnalyticsMetrics,
  BlobServiceSettings,
  CorsRule,
  StaticWebsite,
} from "../state/entities.ts";
import { StorageError } from "./errors.ts";
import { type Features, featuresOf } from "./service-versions.ts";
import { element, xmlDeclaration } from "./xml.ts";
import { childOf, type XmlElement } from "./xml-reader.ts";

/** @param version of the service: older ones know less. */
export function writeServiceProperties(settings: BlobServiceSettings, version: string): string {
  const { corsRules = [], defaultServiceVersion, staticWebsite, analytics = noAnalytics } = settings;
  const { logging, hourMetrics, minuteMetrics } = analytics;
  const features = featuresOf(version);
  return [
    xmlDeclaration,
    "<StorageServiceProperties>",
    writeLogging(logging),
    `<HourMetrics>${writeMetrics(hourMetrics)}</HourMetrics><MinuteMetrics>${writeMetrics(minuteMetrics)}</MinuteMetrics>`,
    corsRules.length === 0 ? "<Cors />" : `<Cors>${corsRules.map(writeCorsRule).join("")}</Cors>`,
    defaultServiceVersion === undefined ? "" : element("DefaultServiceVersion", defaultServiceVersion),
    features.undelete ? writeRetention(settings, features) : "",
    features.staticWebsite ? `<StaticWebsite>${writeWebsite(staticWebsite)}</StaticWebsite>` : "",
    "</StorageServiceProperties>",
  ].join("");
}

function writeDays(days: number | null): string {
  return days === null ? element("Enabled", false) : `${element("Enabled", true)}${element("Days", days)}`;
}

function writeRetention(
  { deletedBlobDays, isPermanentDeleteAllowed }: BlobServiceSettings,
  features: Features,
): string {
  const isPermanent = features.permanentDelete ? element("AllowPermanentDelete", isPermanentDeleteAllowed) : "";
  return `<DeleteRetentionPolicy>${writeDays(deletedBlobDays)}${isPermanent}</DeleteRetentionPolicy>`;
}

function writeLogging({ version, isRead, isWritten, isDeleted, keptDays }: AnalyticsLogging): string {
  const parts = [
    element("Version", version),
    element("Delete", isDeleted),
    element("Read", isRead),
    element("Write", isWritten),
    `<RetentionPolicy>${writeDays(keptDays)}</RetentionPolicy>`,
  ];
  return `<Logging>${parts.join("")}</Logging>`;
}

function writeMetrics({ version, isEnabled, hasApis, keptDays }: AnalyticsMetrics): string {
  const apis = isEnabled ? element("IncludeAPIs", hasApis) : "";
  return `${element("Version", version)}${element("Enabled", isEnabled)}${apis}<RetentionPolicy>${writeDays(keptDays)}</RetentionPolicy>`;
}

function writeWebsite(website: StaticWebsite | undefined): string {
  if (website === undefined) return element("Enabled", false);
  const named = (tag: string, text: string | null): string => (text === null ? "" : element(tag, text));
  return [
    element("Enabled", true),
    named("IndexDocument", website.indexDocument),
    named("DefaultIndexDocumentPath", website.defaultIndexDocument),
    named("ErrorDocument404Path", website.errorDocument),
  ].join("");
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

/** What the document does not speak of is undefined. @throws StorageError `InvalidXmlDocument`, `InvalidXmlNodeValue`. */
export function readServiceProperties(root: XmlElement): GivenBlobService {
  if (root.name !== "StorageServiceProperties") throw new StorageError("InvalidXmlDocument");
  const retention = childOf(root, "DeleteRetentionPolicy");
  const days = retention && childOf(retention, "Days")?.text;
  const website = childOf(root, "StaticWebsite");
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
    corsRules: childOf(root, "Cors")?.children.map(readCorsRule),
    defaultServiceVersion: childOf(root, "DefaultServiceVersion")?.text || undefined,
    staticWebsite: website && readWebsite(website),
    analytics: readAnalytics(root),
  };
}

function isOn(parent: XmlElement, name: string): boolean {
  const text = childOf(parent, name)?.text.trim().toLowerCase();
  if (text !== undefined && text !== "true" && text !== "false") {
    throw new StorageError("InvalidXmlNodeValue", { details: { XmlNodeName: name, XmlNodeValue: text } });
  }
  return text === "true";
}

/** @returns null for a website that is switched off. */
function readWebsite(website: XmlElement): StaticWebsite | null {
  if (!isOn(website, "Enabled")) return null;
  const text = (name: string): string | null => childOf(website, name)?.text || null;
  return {
    indexDocument: text("IndexDocument"),
    errorDocument: text("ErrorDocument404Path"),
    defaultIndexDocument: text("DefaultIndexDocumentPath"),
  };
}

function readAnalytics(root: XmlElement): Partial<Analytics> {
  const logging = childOf(root, "Logging");
  const [hour, minute] = [childOf(root, "HourMetrics"), childOf(root, "MinuteMetrics")];
  return {
    ...(logging && { logging: readLogging(logging) }),
    ...(hour && { hourMetrics: readMetrics(hour) }),
    ...(minute && { minuteMetrics: readMetrics(minute) }),
  };
}

function readKept(parent: XmlElement): { readonly version: string; readonly keptDays: number | null } {
  const retention = childOf(parent, "RetentionPolicy");
  const isKept = retention !== undefined && isOn(retention, "Enabled");
  const days = isKept ? Number(childOf(retention, "Days")?.text || "0") : null;
  return { version: childOf(parent, "Version")?.text || "1.0", keptDays: days };
}

function readLogging(logging: XmlElement): AnalyticsLogging {
  const [isRead, isWritten, isDeleted] = [isOn(logging, "Read"), isOn(logging, "Write"), isOn(logging, "Delete")];
  return { ...readKept(logging), isRead, isWritten, isDeleted };
}

function readMetrics(metrics: XmlElement): AnalyticsMetrics {
  return { ...readKept(metrics), isEnabled: isOn(metrics, "Enabled"), hasApis: isOn(metrics, "IncludeAPIs") };
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
