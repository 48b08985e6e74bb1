import assert from "node:assert/strict";
import { test } from "node:test";
import { TokenRefusal } from "../tokens/token.ts";
import { errorFor } from "./errors.ts";

test("a revoked session is answered with the challenge Graph's clients know", () => {
  const error = errorFor(new TokenRefusal({ kind: "token-revoked", requiredNotBefore: 1726258122 }));
  assert.deepEqual([error?.status, error?.code], [401, "InvalidAuthenticationToken"]);
  const text =
    "Continuous access evaluation resulted in challenge with result: InteractionRequired and code: TokenIssuedBeforeRevocationTimestamp";
  assert.equal(error?.message, text);
  assert.equal(
    error?.headers?.["www-authenticate"],
    `Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", client_id="00000003-0000-0000-c000-000000000000", error_description="${text}", error="insufficient_claims", claims="eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7ImVzc2VudGlhbCI6dHJ1ZSwgInZhbHVlIjoiMTcyNjI1ODEyMiJ9fX0="`,
  );
});
