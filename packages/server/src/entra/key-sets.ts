/**
 * The JWKS endpoints. Spec: RFC 7517; https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-the-signature
 */
import { issuerOf } from "../tokens/issuers.ts";
import { publishKeys } from "../tokens/key-set.ts";
import type { Reply } from "../wire/exchange.ts";
import { documentTenantId, needOwnOrigin } from "./discovery.ts";
import { cachedForADay } from "./render.ts";
import { readTenantName } from "./tenant-name.ts";
import type { Visit } from "./visit.ts";

export function answerKeysV1(visit: Visit): Reply {
  readTenantName(visit, "discovery");
  return { status: 200, headers: cachedForADay, body: { keys: publishKeys(visit.cloud.tokens.keyRing) } };
}

/** The v2 set says for each key whose tokens it signs. */
export function answerKeysV2(visit: Visit): Reply {
  const name = readTenantName(visit, "discovery");
  const issuer = issuerOf("2.0", documentTenantId(visit, name));
  const keys = publishKeys(visit.cloud.tokens.keyRing).map((key) => ({
    ...key,
    cloud_instance_name: "microsoftonline.com",
    issuer,
  }));
  return { status: 200, headers: cachedForADay, body: { keys } };
}

export function answerKeysAdfs(visit: Visit): Reply {
  needOwnOrigin(visit);
  return { status: 200, headers: cachedForADay, body: { keys: publishKeys(visit.cloud.tokens.keyRing) } };
}
