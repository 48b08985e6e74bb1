/** Lock-out as clients and people meet it: one count, whichever way the password comes. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { firstLockoutSeconds, lockoutThreshold } from "../../directory/failed-sign-ins.ts";
import { firstPartyAppIds } from "../../state/first-party.ts";
import { sampleTime } from "../../tokens/sample-directory.ts";
import { password, type SampleServer, startSampleServer } from "../sample-server.ts";

const at = (seconds: number) => new Date(sampleTime.getTime() + seconds * 1000);

describe("over HTTP", () => {
  let server: SampleServer;
  before(async () => {
    server = await startSampleServer();
  });
  after(() => server.close());

  test("the eleventh attempt is AADSTS50053, even with the right password, until the minute is over", async () => {
    const codeOf = async (username: string, secret: string) => {
      const form = {
        grant_type: "password",
        client_id: firstPartyAppIds.azureCli,
        scope: "openid",
        username,
        password: secret,
      };
      const { body } = await server.post("/organizations/oauth2/v2.0/token", form);
      return body.error_codes?.[0] ?? 0;
    };
    for (let index = 0; index < lockoutThreshold; index++)
      assert.equal(await codeOf("ada@contoso.test", `wrong ${index}`), 50126);
    assert.equal(await codeOf("ada@contoso.test", password), 50053);
    assert.equal(await codeOf("ADA@contoso.test", password), 50053, "the name is the same in any case");
    for (let index = 0; index < lockoutThreshold; index++)
      assert.equal(await codeOf("nobody@contoso.test", `wrong ${index}`), 50034);
    assert.equal(await codeOf("nobody@contoso.test", "wrong"), 50053, "so locking tells nothing");
    server.ports.time = at(firstLockoutSeconds);
    assert.equal(await codeOf("ada@contoso.test", password), 0);
  });
});
