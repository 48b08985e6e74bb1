/** How each error about a person, a sign-in, a code, a refresh token or consent is provoked. */
import assert from "node:assert/strict";
import {
  appRequest,
  challenge,
  cli,
  cliRedemption,
  cliRequest,
  uris,
  verifier,
} from "../../../packages/server/src/entra/authorize/sample-client.ts";
import { deviceCodeLifetimeSeconds } from "../../../packages/server/src/entra/device/device-codes.ts";
import { secrets } from "../../../packages/server/src/entra/sample-server.ts";
import { put, remove } from "../../../packages/server/src/state/change.ts";
import type { UserObjectId } from "../../../packages/server/src/state/identifiers.ts";
import { authorizationCodeLifetimeSeconds } from "../../../packages/server/src/tokens/authorization-code.ts";
import {
  refreshTokenLifetimeSeconds,
  spaRefreshTokenLifetimeSeconds,
} from "../../../packages/server/src/tokens/refresh-token.ts";
import { ids } from "../../../packages/server/src/tokens/sample-directory.ts";
import { type Form, type Ground, ownScope, type Provoke, passwordForm, scopes, toldByBody } from "./provocation.ts";

const appPasswordForm: Form = { ...passwordForm, client_id: ids.app, client_secret: secrets.ofApplication };
const onBehalfOf: Form = {
  grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
  requested_token_use: "on_behalf_of",
  client_id: ids.app,
  client_secret: secrets.ofApplication,
  scope: scopes.graph,
};
const asked =
  (change: Readonly<Record<string, string | undefined>>, request = appRequest, tenant?: string): Provoke =>
  (ground) =>
    ground.authorize(change, request, tenant);

/** Redeems a code of the Azure CLI's, changed as told, that long after it was issued. */
const redeemed =
  (change: Form, { afterSeconds = 0, tenant = ids.tenant as string } = {}): Provoke =>
  async (ground) => {
    const code = await ground.sample.cliCode();
    ground.waitSeconds(afterSeconds);
    return toldByBody(await ground.sample.redeem({ ...cliRedemption(code), ...change }, {}, tenant));
  };

const page = {
  request: {
    ...appRequest,
    redirect_uri: uris.spa,
    scope: "openid User.Read offline_access",
    code_challenge: challenge,
    code_challenge_method: "S256",
  },
  origin: { origin: "http://localhost:3000" },
  redemption: (code: string): Form => ({ client_id: ids.app, code, redirect_uri: uris.spa, code_verifier: verifier }),
};

async function redeemForPage({ sample }: Ground, headers: Form, change: Readonly<Record<string, undefined>> = {}) {
  const code = await sample.appCode({ ...page.request, ...change });
  const { code_verifier: proof, ...bare } = page.redemption(code) as Form & { code_verifier: string };
  const form = "code_challenge" in change ? bare : { ...bare, code_verifier: proof };
  return toldByBody(await sample.redeem(form, headers));
}

/** Uses a refresh token of the Azure CLI's after something has happened. */
const renewedAfter =
  (happen: (ground: Ground) => unknown): Provoke =>
  async (ground) => {
    const first = await ground.must({ ...passwordForm, scope: `${scopes.arm} offline_access` });
    await happen(ground);
    const form = { grant_type: "refresh_token", client_id: cli, refresh_token: first.refresh_token, scope: scopes.arm };
    return ground.token(form);
  };

/** A token for the sample application's own API, of a person who signs in to it. */
async function ownToken(ground: Ground): Promise<string> {
  await ground.changeApplication({ oauth2PermissionScopes: [ownScope] });
  const { access_token } = await ground.must({ ...appPasswordForm, scope: `${ids.app}/.default` });
  return access_token;
}

/** Somebody else with the same password. */
function addPerson(ground: Ground, id: string, userPrincipalName: string): Promise<void> {
  const row = ground.server.cloud.model.users.get(ids.user)!;
  return ground.change(put("user", { ...row, id: id as UserObjectId, userPrincipalName }));
}

const deviceForm: Form = { client_id: cli, scope: scopes.arm };

async function beginDevice({ server }: Ground) {
  const { status, body } = await server.post("/organizations/oauth2/v2.0/devicecode", deviceForm);
  assert.equal(status, 200);
  return body as { readonly user_code: string; readonly device_code: string };
}

const poll = (ground: Ground, device_code: string) =>
  ground.token({ grant_type: "urn:ietf:params:oauth:grant-type:device_code", client_id: cli, device_code });

async function enter({ person }: Ground, user_code: string): Promise<void> {
  await person.open("/common/oauth2/deviceauth");
  await person.press("Next", { user_code });
}

/** A person who is no administrator asks for what only one can allow. */
async function askBeyondRights(ground: Ground) {
  const { model } = ground.server.cloud;
  const [role] = [...model.directoryRoleAssignments.values()];
  await ground.change(remove("directoryRoleAssignment", role!.id));
  await ground.sample.ask(appRequest, { scope: "openid Group.ReadWrite.All" });
  await ground.person.signIn();
  await ground.person.press(/^Return to the application/);
  const told = ground.toldByBrowser();
  await ground.change(put("directoryRoleAssignment", role!));
  return told;
}

export const provocationsOfPeople: Readonly<Record<number, Provoke>> = {
  // names and passwords
  50034: (ground) => ground.token({ ...passwordForm, username: "nobody@contoso.test" }),
  50053: async (ground) => {
    await addPerson(ground, "bbbbbbbb-0000-4000-8000-000000000002", "locked@contoso.test");
    const attempt = (number: number) =>
      ground.token({ ...passwordForm, username: "locked@contoso.test", password: `guess ${number}` });
    for (let number = 0; number < 20; number++) {
      const told = await attempt(number);
      if (!told.text.startsWith("AADSTS50126")) return told;
    }
    return assert.fail("never locked");
  },
  50055: async (ground) => {
    await ground.changeUser({ forceChangePasswordNextSignIn: true });
    return ground.token(passwordForm);
  },
  50057: async (ground) => {
    await ground.changeUser({ accountEnabled: false });
    return ground.token(passwordForm);
  },
  50126: (ground) => ground.token({ ...passwordForm, password: "wrong" }),

  // the authorization request
  50011: asked({ redirect_uri: "https://evil.test/signed-in" }),
  50147: asked({ code_challenge: undefined, code_challenge_method: undefined }, cliRequest),
  50194: asked({}, appRequest, "common"),
  70005: asked({ response_type: "secret" }),
  70007: asked({ response_mode: "web_message" }),
  501491: asked({ code_challenge: "short" }, cliRequest),
  700054: asked({ response_type: "id_token", nonce: "n" }),
  900971: asked({ redirect_uri: undefined }),

  // codes
  28002: redeemed({ scope: 'a"b' }),
  28003: redeemed({ scope: " " }),
  54005: async (ground) => {
    const form = cliRedemption(await ground.sample.cliCode());
    await ground.sample.redeem(form);
    return toldByBody(await ground.sample.redeem(form));
  },
  70000: redeemed({ code: "0.nothing" }),
  70008: redeemed({}, { afterSeconds: authorizationCodeLifetimeSeconds }),
  501481: redeemed({ code_verifier: challenge }),
  700005: redeemed({}, { tenant: "consumers" }),
  9002325: (ground) =>
    redeemForPage(ground, page.origin, { code_challenge: undefined, code_challenge_method: undefined }),
  9002326: (ground) => redeemForPage(ground, { origin: "https://evil.test" }),
  9002327: (ground) => redeemForPage(ground, {}),

  // refresh tokens
  50173: renewedAfter(async (ground) => {
    ground.waitSeconds(60);
    await ground.changeUser({ signInSessionsValidFromDateTime: ground.server.ports.time.toISOString() });
  }),
  700082: renewedAfter((ground) => ground.waitSeconds(refreshTokenLifetimeSeconds)),
  700084: async (ground) => {
    const code = await ground.sample.appCode(page.request);
    const { body } = await ground.sample.redeem(page.redemption(code), page.origin);
    ground.waitSeconds(spaRefreshTokenLifetimeSeconds);
    const form = { grant_type: "refresh_token", client_id: ids.app, refresh_token: body.refresh_token };
    return ground.token({ ...form, scope: "User.Read" }, { headers: page.origin });
  },

  // devices
  70016: async (ground) => poll(ground, (await beginDevice(ground)).device_code),
  70018: (ground) => poll(ground, "no-such-code"),
  70019: async (ground) => {
    const { user_code } = await beginDevice(ground);
    await enter(ground, user_code);
    await ground.person.signIn();
    ground.waitSeconds(deviceCodeLifetimeSeconds);
    await ground.person.press("Continue");
    return ground.toldByBrowser();
  },
  90119: async (ground) => {
    await enter(ground, "");
    return ground.toldByBrowser();
  },
  90120: async (ground) => {
    const { user_code } = await beginDevice(ground);
    await enter(ground, user_code);
    await ground.person.signIn();
    await ground.person.press("Continue");
    await enter(ground, user_code);
    return ground.toldByBrowser();
  },

  // consent and assignment
  50105: async (ground) => {
    await ground.changePrincipal({ appRoleAssignmentRequired: true });
    return ground.token({ ...appPasswordForm, scope: "openid User.Read" });
  },
  65001: (ground) => ground.token(appPasswordForm),
  65004: async (ground) => {
    await ground.sample.ask(appRequest);
    await ground.person.signIn();
    await ground.person.press("Cancel");
    return ground.toldByBrowser();
  },
  90008: async (ground) => {
    await ground.changeApplication({ oauth2PermissionScopes: [ownScope] });
    return ground.token({ ...appPasswordForm, resource: ids.app }, { version: "" });
  },
  90009: async (ground) => {
    await ground.changeApplication({ oauth2PermissionScopes: [ownScope], identifierUris: [`api://${ids.app}`] });
    return ground.token({ ...appPasswordForm, scope: `api://${ids.app}/.default` });
  },
  90094: askBeyondRights,
  650056: asked({ scope: scopes.graph }),
  650057: asked({ scope: scopes.arm }),

  // on behalf of a person
  50013: async (ground) => {
    const [head, body, signature] = (await ownToken(ground)).split(".") as [string, string, string];
    const other = signature.startsWith("A") ? "B" : "A";
    return ground.token({ ...onBehalfOf, assertion: `${head}.${body}.${other}${signature.slice(1)}` });
  },
  500133: async (ground) => {
    const assertion = await ownToken(ground);
    ground.waitSeconds(2 * 60 * 60);
    return ground.token({ ...onBehalfOf, assertion });
  },
  7000114: async (ground) => {
    const form = { grant_type: "client_credentials", client_id: ids.app, client_secret: secrets.ofApplication };
    const { access_token } = await ground.must({ ...form, scope: `${ids.app}/.default` });
    return ground.token({ ...onBehalfOf, assertion: access_token });
  },
};

/** Numbers beyond the facts that these endpoints answer, too. */
export const furtherProvocationsOfPeople: Readonly<Record<number, Provoke>> = {
  16000: async (ground) => {
    await addPerson(ground, "bbbbbbbb-0000-4000-8000-000000000003", "second@contoso.test");
    await ground.sample.cliCode();
    await ground.sample.ask(cliRequest, { prompt: "select_account" });
    await ground.person.press("Use another account");
    await ground.person.signIn("second@contoso.test");
    return ground.authorize({ prompt: "none" }, cliRequest);
  },
  50058: asked({ prompt: "none" }, cliRequest),
  70020: async (ground) => {
    const { device_code } = await beginDevice(ground);
    ground.waitSeconds(deviceCodeLifetimeSeconds);
    return poll(ground, device_code);
  },
  500112: redeemed({ redirect_uri: "http://localhost:8401" }),
  500131: async (ground) => {
    const { access_token } = await ground.must(passwordForm);
    return ground.token({ ...onBehalfOf, assertion: access_token });
  },
  700007: async (ground) => {
    const form = cliRedemption(await ground.sample.cliCode());
    const { body } = await ground.sample.redeem(form);
    await ground.sample.redeem(form);
    const { refresh_token } = body;
    return ground.token({ grant_type: "refresh_token", client_id: cli, refresh_token, scope: scopes.arm });
  },
};
