/**
 * The keys tokens are signed with, for whoever runs the cloud: which there are, and a new one in an old one's place.
 *
 * Who may: the names of the operations lie in the provider of authorization, so that the built-in roles treat them as they treat what they are
 * like: at "/" an Owner or User Access Administrator may rotate, a Contributor may not, a Reader may look. The rule of keys is tokens/key-ring.ts.
 */

import { PosternRefusal } from "../postern-caller.ts";
import { type KeyKeeper, maxKeys, type RotationKind, type RotationRefusal } from "../tokens/key-keeper.ts";
import type { KeyStanding } from "../tokens/key-ring.ts";
import { BodyRefusal, readJson } from "../wire/body.ts";
import type { Exchange, Reply } from "../wire/exchange.ts";
import { type Call, requireRight } from "./call.ts";

export const readKeysAction = "Microsoft.Authorization/signingKeys/read";
export const rotateKeysAction = "Microsoft.Authorization/signingKeys/write";

/** Largest body, in bytes; our choice: the request is one word. */
const maxBodyBytes = 4096;

const rotationKinds: readonly RotationKind[] = ["scheduled", "now", "compromised"];

export async function listSigningKeys(call: Call, keys: KeyKeeper): Promise<Reply> {
  requireRight(call, "List signing keys", readKeysAction);
  return { status: 200, body: { value: keys.ring.standings().map(describeKey) } };
}

/** @param say takes one line for the log: who did it, and what the key is called. */
export async function rotateSigningKeys(call: Call, keys: KeyKeeper, say: (line: string) => void): Promise<Reply> {
  requireRight(call, "Rotate signing keys", rotateKeysAction);
  const kind = await readKind(call.exchange);
  const outcome = await keys.rotate(kind);
  if (typeof outcome === "string") return refuseRotation(outcome);
  say(
    `signing keys rotated (${kind}) by ${call.caller.principalId}: key ${outcome.kid} signs from ${outcome.signsFrom}`,
  );
  return { status: 200, body: { kid: outcome.kid, value: keys.ring.standings().map(describeKey) } };
}

function refuseRotation(refusal: RotationRefusal): never {
  switch (refusal) {
    case "rotation-under-way":
      throw new PosternRefusal(
        409,
        "RotationUnderWay",
        "A next key is published already. Ask for 'now' to let it sign at once.",
      );
    case "too-many-keys":
      throw new PosternRefusal(
        409,
        "TooManySigningKeys",
        `There are ${maxKeys} keys already; some still verify tokens. The oldest goes when its last token has expired.`,
      );
  }
}

function describeKey({ key, state, verifiesUntil }: KeyStanding) {
  const { kid, created, signsFrom } = key;
  return { kid, state, created, signsFrom, verifiesUntil: verifiesUntil?.toISOString() ?? null };
}

/** @throws PosternRefusal 403, in the words of Resource Manager. */
async function readKind({ request }: Exchange): Promise<RotationKind> {
  const body = await readJson(request, maxBodyBytes).catch((cause: unknown) => {
    if (!(cause instanceof BodyRefusal)) throw cause;
    if (cause.fault.kind !== "body-too-large") return undefined;
    throw new PosternRefusal(413, "RequestContentTooLarge", `The request content has more than ${maxBodyBytes} bytes.`);
  });
  const given = typeof body === "object" && body !== null ? (body as Record<string, unknown>).kind : undefined;
  const kind = rotationKinds.find((one) => one === given);
  if (kind !== undefined) return kind;
  const message = `The request body must be a JSON object whose 'kind' is one of ${rotationKinds.join(", ")}.`;
  throw new PosternRefusal(400, "InvalidRequestContent", message);
}
