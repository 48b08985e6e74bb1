/**
 * Shared access signatures of containers and blobs: by an account's key, or by a user delegation key. May use: this folder.
 * @see https://learn.microsoft.com/rest/api/storageservices/create-service-sas
 * @see https://learn.microsoft.com/rest/api/storageservices/create-user-delegation-sas
 */
import { failure } from "../faults.ts";
import { readBody } from "../http/transport.ts";
import type { AccountAccess } from "./account-access.ts";
import { hmac } from "./shared-key.ts";
import { parseXml, textAt } from "./xml.ts";

/** The version az signs with; the fields below are that version's. */
const SIGNATURE_VERSION = "2022-11-02";

export interface SignatureRequest {
  readonly container: string;
  readonly blob?: string | undefined;
  readonly snapshot?: string | undefined;
  readonly permissions: string;
  readonly start?: string | undefined;
  readonly expiry: string;
  readonly policyId?: string | undefined;
  readonly ip?: string | undefined;
  readonly isHttpsOnly: boolean;
  /** Headers the answer shall have: rscc, rscd, rsce, rscl, rsct. */
  readonly overrides: Readonly<Partial<Record<"rscc" | "rscd" | "rsce" | "rscl" | "rsct", string>>>;
}

export interface DelegationKey {
  readonly oid: string;
  readonly tid: string;
  readonly start: string;
  readonly expiry: string;
  readonly service: string;
  readonly version: string;
  /** base64. */
  readonly value: string;
}

/** Asks for a key that signs as whoever asks. @see https://learn.microsoft.com/rest/api/storageservices/get-user-delegation-key */
export async function requestDelegationKey(access: AccountAccess, start: Date, expiry: Date): Promise<DelegationKey> {
  const toSeconds = (time: Date) => time.toISOString().replace(/\.\d+Z$/, "Z");
  const answer = await access.send({
    method: "POST",
    path: [],
    query: { restype: "service", comp: "userdelegationkey" },
    headers: { "content-type": "application/xml" },
    body: `<?xml version="1.0" encoding="utf-8"?><KeyInfo><Start>${toSeconds(start)}</Start><Expiry>${toSeconds(expiry)}</Expiry></KeyInfo>`,
  });
  const key = parseXml(await readBody(answer));
  const read = (name: string) => textAt(key, name) ?? "";
  return {
    oid: read("SignedOid"),
    tid: read("SignedTid"),
    start: read("SignedStart"),
    expiry: read("SignedExpiry"),
    service: read("SignedService"),
    version: read("SignedVersion"),
    value: read("Value"),
  };
}

/** Makes the signature's query. @param key the account's key, base64, or a user delegation key. */
export function signAccess(account: string, request: SignatureRequest, key: string | DelegationKey): string {
  const resource = request.blob === undefined ? "c" : request.snapshot === undefined ? "b" : "bs";
  const canonical = `/blob/${account}/${request.container}${request.blob === undefined ? "" : `/${request.blob}`}`;
  const { start = "", expiry, ip = "", permissions, policyId = "", snapshot = "", overrides } = request;
  const protocol = request.isHttpsOnly ? "https" : "";
  const heads = (["rscc", "rscd", "rsce", "rscl", "rsct"] as const).map((name) => overrides[name] ?? "");
  const isDelegated = typeof key !== "string";
  const signed = isDelegated
    ? [
        ...[permissions, start, expiry, canonical, key.oid, key.tid, key.start, key.expiry, key.service, key.version],
        // saoid, suoid and scid: none.
        ...["", "", "", ip, protocol, SIGNATURE_VERSION, resource, snapshot, "", ...heads],
      ]
    : [
        permissions,
        start,
        expiry,
        canonical,
        policyId,
        ip,
        protocol,
        SIGNATURE_VERSION,
        resource,
        snapshot,
        "",
        ...heads,
      ];
  const signature = hmac(isDelegated ? key.value : key, signed.join("\n"));
  const query = {
    st: start,
    se: expiry,
    sp: permissions,
    sip: ip,
    spr: protocol,
    sv: SIGNATURE_VERSION,
    sr: resource,
    si: policyId,
    ...(isDelegated
      ? { skoid: key.oid, sktid: key.tid, skt: key.start, ske: key.expiry, sks: key.service, skv: key.version }
      : {}),
    ...overrides,
    sig: signature,
  };
  const pairs = Object.entries(query).filter(([, value]) => value !== "");
  // az leaves the slashes of a container's signature as they are, and not those of a blob's.
  const encode = (value: string) =>
    request.blob === undefined ? encodeURIComponent(value).replaceAll("%2F", "/") : encodeURIComponent(value);
  return pairs.map(([name, value]) => `${name}=${encode(value)}`).join("&");
}

/** az's forms of a time, as the signature shows it. @throws CliFault (failure) in az's words. */
export function readSignatureTime(text: string): Date {
  const match = /^\d{4}-\d{2}-\d{2}(?:T\d{2}(?::\d{2}(?::\d{2})?)?Z)?$/.test(text);
  const full = text.includes("T") ? text.replace(/T(\d{2})Z$/, "T$1:00Z") : `${text}T00:00Z`;
  if (!match || Number.isNaN(Date.parse(full))) {
    throw failure(`datetime string '${text}' not valid. Valid example: 2000-12-31T12:59:59Z`);
  }
  return new Date(full);
}
