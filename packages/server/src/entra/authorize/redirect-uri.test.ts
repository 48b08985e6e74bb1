import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { put } from "../../state/change.ts";
import { firstPartyAppIds } from "../../state/first-party.ts";
import { ids } from "../../tokens/sample-directory.ts";
import { localOrigin, type SamplePerson } from "../sample-person.ts";
import {
  appRequest,
  authorizePath,
  challenge,
  cliRequest,
  codeOf,
  type Parameters,
  SampleClient,
  uris,
  verifier,
} from "./sample-client.ts";

let client: SampleClient;
let person: SamplePerson;
before(async () => {
  client = await SampleClient.start();
});
after(() => client.server.close());
beforeEach(() => {
  person = client.beginAnew();
});

const ask = (request: Parameters, change?: Parameters) => client.ask(request, change);

describe("attack: redirect URI tricks", () => {
  const evil: Record<string, readonly string[]> = {
    [uris.web]: [
      "https://notes.test/signed-in/",
      "https://notes.test/Signed-In",
      "https://NOTES.test/signed-in",
      "https://notes.test:444/signed-in",
      "https://notes.test:443/signed-in",
      "http://notes.test/signed-in",
      "https://notes.test/signed-in?x=1",
      "https://notes.test/signed-in#x",
      "https://notes.test/signed-in/../evil",
      "https://notes.test/./signed-in",
      "https://notes.test/signed%2Din",
      "https://notes.test\\@evil.test/signed-in",
      "https://notes.test@evil.test/signed-in",
      "https://notes.test.evil.test/signed-in",
      "https://evil.test/https://notes.test/signed-in",
      "//notes.test/signed-in",
      " https://notes.test/signed-in",
      "https://notes.test/signed-in\t",
      "https://*.test/signed-in",
      "https://notes.test./signed-in",
      "https://notes.test/signed-in?",
      "https://notes.test/signed-in#",
      "https://notes.test/signed-in;x",
      "https://notes.test%2Fsigned-in",
      "https://notes.test/signed-in%2F..%2Fevil",
      "https://notes.test\\signed-in",
      "https://notes.test/signed\t-in",
      "https://notes.test/signed-in\0",
      "https://notes.test/signed-in%00",
      "https://notes.test/signed-in\r\nLocation: https://evil.test",
      "https://notes.test/signed-in\u200b",
      // A Cyrillic letter in place of a Latin one, and one that browsers write as another.
      "https://n\u043etes.test/signed-in",
      "https://\uff4eotes.test/signed-in",
      "https:/notes.test/signed-in",
      "https:notes.test/signed-in",
    ],
    [uris.native]: [
      "http://localhost:8400/other",
      "http://localhost:8400/Native",
      "http://localhost:8400@evil.test/native",
      "http://user@localhost:8400/native",
      "http://localhost.evil.test:8400/native",
      "http://127.0.0.1:8400/native",
      "http://[::1]:8400/native",
      "https://localhost:8400/native",
      "http://localhost:84000000/native",
      "http://localhost:8400/native?x=1",
      "http://localhost:8400\\.evil.test/native",
      "http://LOCALHOST:8400/native",
      "javascript://localhost/native",
      "http://localhost./native",
      "http://localhost:/native",
      "http://localhost:8400//native",
      "http://localhost:8400/native/..",
      "http://localhost:8400%2Fnative",
      "http://localhost%3A8400/native",
      "http://127.1:8400/native",
      "http://2130706433:8400/native",
      "http://0x7f.0.0.1:8400/native",
      "http://[::ffff:127.0.0.1]:8400/native",
    ],
    [uris.custom]: ["notes://done/", "Notes://done", "notes://", "notes:done"],
  };
  for (const [registered, tricks] of Object.entries(evil)) {
    test(`none of ${tricks.length} relatives of ${registered} is answered`, async () => {
      for (const trick of tricks) {
        await ask(appRequest, { redirect_uri: trick, code_challenge: challenge, code_challenge_method: "S256" });
        assert.deepEqual([person.answer?.status, codeOf(person.page)], [400, 50011], trick);
        assert.equal(person.answer?.headers.location, undefined, trick);
        assert.equal(person.forms().length, 0, trick);
      }
    });
  }

  test("only the port of this machine's own addresses is free, as RFC 8252 has it", async () => {
    for (const fine of ["http://localhost:1/native", "http://localhost:65535/native", uris.native, uris.custom]) {
      await ask(appRequest, { redirect_uri: fine, code_challenge: challenge, code_challenge_method: "S256" });
      assert.equal(person.title, "Sign in", fine);
    }
    for (const fine of ["http://localhost", "http://localhost:8400/", "http://127.0.0.1:5"]) {
      await ask(cliRequest, { redirect_uri: fine });
      assert.equal(person.title, "Sign in", fine);
    }
    await ask(cliRequest, { redirect_uri: "http://localhost:8400/path" });
    assert.equal(codeOf(person.page), 50011);
  });

  test("the portal is answered at its own page on this server and nowhere else, with the rights of its page only there", async () => {
    const portal = { client_id: firstPartyAppIds.azurePortal, redirect_uri: `${localOrigin}/portal` };
    for (const trick of [
      "https://localhost:8444/portal",
      "https://localhost/portal",
      "http://localhost:8443/portal",
      "http://localhost:8443",
      `${localOrigin}/portal/`,
      `${localOrigin}/portal?x=1`,
      `${localOrigin}/account/container/portal`,
      "https://portal.azure.com/",
      "https://login.microsoftonline.com/portal",
    ]) {
      await ask(cliRequest, { ...portal, redirect_uri: trick });
      assert.deepEqual([person.answer?.status, codeOf(person.page)], [400, 50011], trick);
    }
    await ask(cliRequest, portal);
    await person.signIn();
    const code = person.response.get("code")!;
    const form = { grant_type: "authorization_code", ...portal, code, code_verifier: verifier };
    // A program cannot redeem what was issued to the page, nor can another origin.
    assert.equal(codeOf((await client.redeem(form)).text), 9002327);
    assert.equal(codeOf((await client.redeem(form, { origin: "https://localhost:8444" })).text), 9002326);
    assert.equal((await client.redeem(form, { origin: localOrigin })).status, 200);
  });

  test("a wildcard that was registered stands for itself: no other host or path is answered by it", async () => {
    const { model } = client.server.cloud;
    const row = model.applications.get(ids.appObject)!;
    const webRedirectUris = ["https://*.notes.test/cb", "https://notes.test/*"];
    await client.server.change(put("application", { ...row, webRedirectUris }));
    for (const trick of ["https://evil.notes.test/cb", "https://notes.test/evil", "https://a.b.notes.test/cb"]) {
      await ask(appRequest, { redirect_uri: trick });
      assert.deepEqual([person.answer?.status, codeOf(person.page)], [400, 50011], trick);
    }
    await client.server.change(put("application", row));
  });

  test("each address of this machine stands for itself, and only the two of version 4 are free in their port", async () => {
    const { model } = client.server.cloud;
    const row = model.applications.get(ids.appObject)!;
    const publicClientRedirectUris = ["http://127.0.0.1/four", "http://[::1]:5000/six"];
    await client.server.change(put("application", { ...row, publicClientRedirectUris }));
    const asked = { code_challenge: challenge, code_challenge_method: "S256" };
    for (const fine of ["http://127.0.0.1:9/four", "http://[::1]:5000/six"]) {
      await ask(appRequest, { redirect_uri: fine, ...asked });
      assert.equal(person.title, "Sign in", fine);
    }
    for (const trick of ["http://localhost:9/four", "http://127.0.0.2:9/four", "http://[::1]:6000/six"]) {
      await ask(appRequest, { redirect_uri: trick, ...asked });
      assert.deepEqual([person.answer?.status, codeOf(person.page)], [400, 50011], trick);
    }
    await client.server.change(put("application", row));
  });

  test("an address that is given twice is none, whichever of them is registered", async () => {
    const twice = (other: string) =>
      person.open(`${authorizePath(appRequest)}&redirect_uri=${encodeURIComponent(other)}`);
    for (const other of ["https://evil.test/", uris.web]) {
      await twice(other);
      assert.deepEqual([person.answer?.status, codeOf(person.page)], [400, 9002313]);
      assert.equal(person.answer?.headers.location, undefined);
    }
  });

  test("what is appended to a URI cannot leave it: state and errors are encoded", async () => {
    await ask(appRequest, { state: "x&code=forged#y\r\nSet-Cookie: a=b" });
    await person.signIn();
    if (person.title === "Permissions requested") await person.press("Accept");
    assert.equal(person.response.get("state"), "x&code=forged#y\r\nSet-Cookie: a=b");
    assert.equal(person.response.getAll("code").length, 1);
    assert.ok(!person.answer!.headers["set-cookie"]?.includes("a=b"));
  });
});
