/** Azure resources and what they lie in. See entities.ts. */
import type { AppId, ServicePrincipalObjectId, SubscriptionId, TenantId } from "./identifiers.ts";

export type ManagementGroup = {
  /** The name in the URL; the tenant's root group is named by the tenant's id. Compared without case. */
  readonly name: string;
  readonly displayName: string;
  /** null for the root group only. */
  readonly parentName: string | null;
};

export type Subscription = {
  readonly subscriptionId: SubscriptionId;
  readonly displayName: string;
  readonly managementGroupName: string;
  readonly createdDateTime: string;
};

export type Tags = Readonly<Record<string, string>>;

export type ResourceGroup = {
  readonly subscriptionId: SubscriptionId;
  /** As given; compared without case. */
  readonly name: string;
  readonly location: string;
  readonly tags: Tags;
  /** `Deleting` while a long-running delete is under way. */
  readonly provisioningState: "Succeeded" | "Deleting";
  readonly managedBy: string | null;
};

export type StorageAccountKey = {
  readonly keyName: "key1" | "key2";
  readonly creationTime: string;
  readonly value: string;
};

/** The account's firewall; an account without one lets every address through. */
export type NetworkRules = {
  readonly defaultAction: "Allow" | "Deny";
  /** IPv4 addresses and subnets (`a.b.c.d/n`) that are let through all the same. */
  readonly ipRules: readonly string[];
  /** As given; it speaks of Azure's own services, of which none is here. */
  readonly bypass: string;
};

/** Which pages of other origins may read answers; lists as they were given. */
export type CorsRule = {
  readonly allowedOrigins: readonly string[];
  readonly allowedMethods: readonly string[];
  readonly allowedHeaders: readonly string[];
  readonly exposedHeaders: readonly string[];
  readonly maxAgeSeconds: number;
};

/** Which blobs of `$web` stand for folders and for what is not there; null for none. */
export type StaticWebsite = {
  /** A name, which each folder may have. */
  readonly indexDocument: string | null;
  /** Paths within `$web`. */
  readonly errorDocument: string | null;
  readonly defaultIndexDocument: string | null;
};

export type Analytics = {
  readonly logging: AnalyticsLogging;
  readonly hourMetrics: AnalyticsMetrics;
  readonly minuteMetrics: AnalyticsMetrics;
};

/** Days that are null are for ever. */
export type AnalyticsLogging = {
  readonly version: string;
  readonly isRead: boolean;
  readonly isWritten: boolean;
  readonly isDeleted: boolean;
  readonly keptDays: number | null;
};

export type AnalyticsMetrics = {
  readonly version: string;
  readonly isEnabled: boolean;
  readonly hasApis: boolean;
  readonly keptDays: number | null;
};

/** What an account's blob service keeps of what is overwritten and deleted. Days that are null are none. */
export type BlobServiceSettings = {
  readonly isVersioningEnabled: boolean;
  readonly deletedBlobDays: number | null;
  readonly isPermanentDeleteAllowed: boolean;
  readonly deletedContainerDays: number | null;
  readonly isLastAccessTracked: boolean;
  /** In order: the first that fits counts. Absent until somebody set some. */
  readonly corsRules?: readonly CorsRule[];
  /** The service version of requests that name none; absent for the first with bearer tokens. */
  readonly defaultServiceVersion?: string;
  /** Absent where the account has no website. */
  readonly staticWebsite?: StaticWebsite;
  /** What the classic logs and metrics are set to. Logs are written by the Blob service; metrics are kept and shown, and nothing else. */
  readonly analytics?: Analytics;
};

/** A named key that blobs of an account are encrypted with. */
export type EncryptionScope = {
  /** As given; compared without case where it is managed, with case by requests for blobs. */
  readonly name: string;
  /** Blobs of one that is switched off are neither read nor written. */
  readonly isEnabled: boolean;
  /** As given; there is no second layer of encryption here. */
  readonly isDoublyEncrypted: boolean;
  /** Secret: 32 bytes in base64, shown by nothing. */
  readonly secret: string;
  readonly creationTime: string;
  readonly lastModifiedTime: string;
};

export type StorageAccount = {
  /** 3 to 24 of a-z0-9, unique over the whole cloud. */
  readonly name: string;
  readonly subscriptionId: SubscriptionId;
  readonly resourceGroup: string;
  readonly location: string;
  readonly tags: Tags;
  readonly kind: string;
  readonly skuName: string;
  readonly accessTier: string | null;
  readonly creationTime: string;
  readonly allowSharedKeyAccess: boolean;
  readonly allowBlobPublicAccess: boolean;
  readonly supportsHttpsTrafficOnly: boolean;
  readonly minimumTlsVersion: string;
  readonly publicNetworkAccess: "Enabled" | "Disabled";
  readonly isHnsEnabled: boolean;
  /** `Deleting` from the request to delete until the blobs are gone; such an account answers nobody, and its name is not free yet. */
  readonly provisioningState: "Succeeded" | "Deleting";
  /** Secret: never logged, shown by listKeys only. */
  readonly keys: readonly StorageAccountKey[];
  /** Secret, base64: user delegation keys are made of it. Absent until the first was asked for. */
  readonly delegationSecret?: string;
  readonly networkRules?: NetworkRules;
  /** By name; absent until the first was made. None is ever removed. */
  readonly encryptionScopes?: readonly EncryptionScope[];
  /** Absent until somebody set one of them: then nothing is kept. */
  readonly blobService?: BlobServiceSettings;
  /** True from the first blob that a policy or a hold was to keep. */
  readonly hasKeptBlobs?: boolean;
};

/** A user-assigned managed identity; its service principal is a row of its own. */
export type ManagedIdentity = {
  readonly subscriptionId: SubscriptionId;
  readonly resourceGroup: string;
  /** As given; compared without case. */
  readonly name: string;
  readonly location: string;
  readonly tags: Tags;
  readonly principalId: ServicePrincipalObjectId;
  /** There is no application of this appId. */
  readonly clientId: AppId;
  readonly tenantId: TenantId;
};
