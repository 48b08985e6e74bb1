/** What few blobs have: a tier of their own, an end, an immutability policy, a legal hold. */
import { readMoment } from "./blob-moment.ts";
import { blobName } from "./blob-write-handlers.ts";
import { readConditions } from "./condition-headers.ts";
import { present } from "./engine/model.ts";
import type { StateChange } from "./engine/mutations.ts";
import { invalidHeader, StorageError } from "./errors.ts";
import { readExpiry } from "./expiry-headers.ts";
import type { Answer, BlobCall } from "./operation-row.ts";
import { readPolicy } from "./policy-headers.ts";
import { formatHttpDate, readAccessTier, readRehydratePriority, writtenHeaders } from "./resource-headers.ts";
import { retentionOf } from "./retention.ts";

function change(call: BlobCall, state: StateChange, moment = readMoment(call.query)) {
  return call.engine.changeState(blobName(call), state, moment, {
    conditions: readConditions(call.headers),
    retention: retentionOf(call),
  });
}

/** @see https://learn.microsoft.com/rest/api/storageservices/set-blob-tier */
export async function setTier(call: BlobCall): Promise<Answer> {
  const { headers } = call;
  headers.require("x-ms-access-tier");
  const tier = readAccessTier(call);
  if (tier === null)
    throw new StorageError("InvalidHeaderValue", { details: { HeaderName: "x-ms-access-tier", HeaderValue: "" } });
  const rehydratePriority = readRehydratePriority(headers);
  const { isPending } = await change(call, { what: "tier", tier, rehydratePriority });
  return { status: isPending ? 202 : 200, headers: {} };
}

/** @see https://learn.microsoft.com/rest/api/storageservices/set-blob-immutability-policy */
export async function setImmutabilityPolicy(call: BlobCall): Promise<Answer> {
  const policy = readPolicy(call.headers, call.engine.nowMs);
  await change(call, { what: "immutability", policy });
  return {
    status: 200,
    headers: {
      "x-ms-immutability-policy-until-date": formatHttpDate(policy.untilMs),
      "x-ms-immutability-policy-mode": policy.mode.toLowerCase(),
    },
  };
}

/** @see https://learn.microsoft.com/rest/api/storageservices/delete-blob-immutability-policy */
export async function deleteImmutabilityPolicy(call: BlobCall): Promise<Answer> {
  await change(call, { what: "immutability", policy: null });
  return { status: 200, headers: {} };
}

/** @see https://learn.microsoft.com/rest/api/storageservices/set-blob-legal-hold */
export async function setLegalHold(call: BlobCall): Promise<Answer> {
  const value = call.headers.require("x-ms-legal-hold").toLowerCase();
  if (value !== "true" && value !== "false") throw invalidHeader("x-ms-legal-hold", value);
  await change(call, { what: "legal-hold", isHeld: value === "true" });
  return { status: 200, headers: { "x-ms-legal-hold": value } };
}

/** @see https://learn.microsoft.com/rest/api/storageservices/set-blob-expiry */
export async function setExpiry(call: BlobCall): Promise<Answer> {
  return { status: 200, headers: writtenHeaders(await change(call, readExpiry(call), present)) };
}
