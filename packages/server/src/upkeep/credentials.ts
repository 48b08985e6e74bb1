/**
 * All secrets and certificates of the tenant's applications, by when they end, with their last use: what Graph shows one application at a time.
 *
 * Who may: who may read applications in Graph, with a token for Graph; when each was last used is of the sign-in log, and shown to who may read
 * that. A secret's value is nowhere here.
 */
import { type HeldCredential, heldCredentials } from "../directory/held-credential.ts";
import { mayAct } from "../directory/permissions.ts";
import { daysUntil } from "../observe/expiry-warnings.ts";
import { PosternRefusal } from "../postern-caller.ts";
import { type AppId, parseGuid } from "../state/identifiers.ts";
import type { Reply } from "../wire/exchange.ts";
import type { Call } from "./call.ts";

/** Rows of one page; our choice. */
export const pageSize = 500;
/** The farthest end that can be asked for, in days; a secret may last for longer, and is then in the list without this. Our choice: ten years. */
const maxDays = 3653;

export async function listCredentials(call: Call): Promise<Reply> {
  const { cloud, caller, exchange } = call;
  if (!mayAct(cloud.model, caller, "read-applications", undefined)) {
    throw new PosternRefusal(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.");
  }
  const seesUse = mayAct(cloud.model, caller, "read-audit", undefined);
  const query = new URLSearchParams(exchange.query);
  const withinDays = readDays(query.get("expiringWithinDays"));
  const now = cloud.ports.now();
  const after = query.get("after") ?? "";
  const appId = query.get("appId")?.toLowerCase();
  const rows = [...heldCredentials(cloud.model, readAppId(query.get("appId")))]
    .filter(({ owner }) => appId === undefined || owner.appId === appId)
    .filter(({ credential }) => withinDays === undefined || daysUntil(credential.endDateTime, now) < withinDays)
    .map((owned) => ({ owned, place: placeOf(owned) }))
    .filter(({ place }) => place > after)
    .sort((a, b) => (a.place < b.place ? -1 : 1));
  const page = rows.slice(0, pageSize);
  const value = page.map(({ owned }) => {
    const lastUse = seesUse
      ? { lastUsedDateTime: cloud.recorder.credentialUses.lastUse(owned.credential.keyId) ?? null }
      : {};
    return { ...describe(owned, now), ...lastUse };
  });
  const body = rows.length > pageSize ? { value, nextLink: nextLink(call, query, page.at(-1)!.place) } : { value };
  return { status: 200, body };
}

/** What the list is ordered by: the end, then what cannot be the same twice. */
function placeOf({ owner, credential }: HeldCredential): string {
  return `${credential.endDateTime} ${owner.id} ${credential.keyId}`;
}

function describe({ owner, ownerType, kind, credential }: HeldCredential, now: Date) {
  const { keyId, displayName, startDateTime, endDateTime } = credential;
  return {
    appId: owner.appId,
    appDisplayName: owner.displayName,
    ownerType,
    ownerId: owner.id,
    kind,
    keyId,
    displayName,
    hint: "hint" in credential ? credential.hint : null,
    startDateTime,
    endDateTime,
    daysLeft: daysUntil(endDateTime, now),
  };
}

function nextLink({ exchange }: Call, query: URLSearchParams, place: string): string {
  const next = new URLSearchParams(query);
  next.set("after", place);
  return `${exchange.origin}${exchange.path}?${next}`;
}

/** An application's own and its service principal's. */
function readAppId(text: string | null): AppId | undefined {
  if (text === null) return undefined;
  const appId = parseGuid<"AppId">(text);
  if (appId !== undefined) return appId as AppId;
  throw new PosternRefusal(400, "InvalidParameterValue", "'appId' must be the id of an application.");
}

function readDays(text: string | null): number | undefined {
  if (text === null) return undefined;
  const days = Number(text);
  if (/^[0-9]{1,4}$/.test(text) && days <= maxDays) return days;
  const message = `'expiringWithinDays' must be a whole number from 0 to ${maxDays}.`;
  throw new PosternRefusal(400, "InvalidParameterValue", message);
}
