import assert from "node:assert/strict";
import { test } from "node:test";
import { directoryRoleTemplateIds, firstPartyAppIds } from "../state/first-party.ts";
import type { Resource } from "./audiences.ts";
import { appClaims, idClaims, userClaims } from "./claims.ts";
import { ids, servicePrincipal, tenant, user } from "./sample-directory.ts";
import type { TokenContent } from "./token-content.ts";

const validity = { notBefore: 1_772_366_100, expiresAt: 1_772_370_000 };
const marks = { tokenId: "AQEBAQEBAQEBAQEBAQEBAQ", revocationHint: "1.AAg." };
const arm: Resource = {
  kind: "arm",
  audience: "https://management.core.windows.net/",
  appId: firstPartyAppIds.azureResourceManager,
};
const graph: Resource = {
  kind: "graph",
  audience: "https://graph.microsoft.com",
  appId: firstPartyAppIds.microsoftGraph,
};
/** The content of a token for a resource of Microsoft's. */
const plain = (resource: Resource): TokenContent => ({
  version: "1.0",
  audience: resource.audience,
  roles: [],
  isKindShown: true,
  areDirectoryRolesShown: true,
  extra: {},
});
const cli = { appId: firstPartyAppIds.azureCli, displayName: "Microsoft Azure CLI", proof: "0" } as const;

test("an application's ARM token, byte for byte", () => {
  const claims = appClaims({
    tenant,
    servicePrincipal,
    resource: arm,
    validity,
    marks,
    directoryRoleIds: [],
    content: plain(arm),
  });
  assert.equal(
    JSON.stringify(claims),
    `{"aud":"https://management.core.windows.net/","iss":"https://sts.windows.net/${ids.tenant}/",` +
      `"iat":1772366100,"nbf":1772366100,"exp":1772370000,"appid":"${ids.app}","appidacr":"1",` +
      `"idp":"https://sts.windows.net/${ids.tenant}/","idtyp":"app","oid":"${ids.appPrincipal}","rh":"1.AAg.",` +
      `"sub":"${ids.appPrincipal}","tid":"${ids.tenant}","uti":"AQEBAQEBAQEBAQEBAQEBAQ","ver":"1.0"}`,
  );
});

test("an application's Graph token adds what Graph's carry, and its directory roles", () => {
  const directoryRoleIds = [directoryRoleTemplateIds.directoryReaders];
  const claims = appClaims({
    tenant,
    servicePrincipal,
    resource: graph,
    validity,
    marks,
    directoryRoleIds,
    content: plain(graph),
  });
  assert.equal(
    JSON.stringify(claims),
    `{"aud":"https://graph.microsoft.com","iss":"https://sts.windows.net/${ids.tenant}/",` +
      `"iat":1772366100,"nbf":1772366100,"exp":1772370000,"app_displayname":"Notes","appid":"${ids.app}","appidacr":"1",` +
      `"idp":"https://sts.windows.net/${ids.tenant}/","idtyp":"app","oid":"${ids.appPrincipal}","rh":"1.AAg.",` +
      `"sub":"${ids.appPrincipal}","tenant_region_scope":"WW","tid":"${ids.tenant}","uti":"AQEBAQEBAQEBAQEBAQEBAQ","ver":"1.0",` +
      `"wids":["88d8e3e3-8f55-4a1e-953a-9b9898b8876b","0997a1d0-0d1d-4acb-b408-d5ca73121e90"],"xms_tcdt":1767225600}`,
  );
});

test("a person's ARM token, byte for byte", () => {
  const scopes = ["user_impersonation"];
  const directoryRoleIds = [directoryRoleTemplateIds.globalAdministrator];
  const claims = userClaims({
    tenant,
    user,
    client: cli,
    resource: arm,
    scopes,
    validity,
    marks,
    directoryRoleIds,
    content: plain(arm),
  });
  const { sub, ...rest } = claims;
  assert.match(String(sub), /^[A-Za-z0-9_-]{43}$/);
  assert.equal(
    JSON.stringify(rest),
    `{"aud":"https://management.core.windows.net/","iss":"https://sts.windows.net/${ids.tenant}/",` +
      `"iat":1772366100,"nbf":1772366100,"exp":1772370000,"acr":"1","amr":["pwd"],"appid":"${cli.appId}","appidacr":"0",` +
      `"family_name":"Lovelace","given_name":"Ada","idtyp":"user","name":"Ada Lovelace","oid":"${ids.user}","rh":"1.AAg.",` +
      `"scp":"user_impersonation","tid":"${ids.tenant}","unique_name":"Ada@contoso.test","upn":"Ada@contoso.test",` +
      `"uti":"AQEBAQEBAQEBAQEBAQEBAQ","ver":"1.0","wids":["62e90394-69f5-4237-9190-012177145e10","b79fbf4d-3ef9-4689-8143-76b194e85509"]}`,
  );
});

test("the subject of one person differs from application to application, and stays", () => {
  const input = {
    tenant,
    user,
    client: cli,
    scopes: ["x"],
    validity,
    marks,
    directoryRoleIds: [],
    content: plain(arm),
  };
  const atArm = userClaims({ ...input, resource: arm }).sub;
  assert.notEqual(atArm, userClaims({ ...input, resource: graph }).sub);
  assert.equal(atArm, userClaims({ ...input, resource: arm }).sub);
});

test("id tokens name the client as audience, and the person as far as was asked", () => {
  const input = { tenant, user, clientId: ids.app, nonce: "n-1", validity, marks };
  const profile = idClaims({ ...input, version: "2.0", openIdScopes: new Set(["openid", "profile", "email"]) });
  assert.deepEqual(Object.keys(profile), [
    ...["aud", "iss", "iat", "nbf", "exp", "email", "nonce", "name", "oid", "preferred_username", "rh", "sub", "tid"],
    ...["uti", "ver"],
  ]);
  assert.equal(profile.aud, ids.app);
  assert.equal(profile.iss, `https://login.microsoftonline.com/${ids.tenant}/v2.0`);
  assert.equal(profile.preferred_username, "Ada@contoso.test");
  const bare = idClaims({ ...input, version: "2.0", openIdScopes: new Set(["openid"]), nonce: undefined });
  for (const claim of ["name", "oid", "preferred_username", "email", "nonce"]) assert.ok(!(claim in bare), claim);
  const v1 = idClaims({ ...input, version: "1.0", openIdScopes: new Set(["openid"]) });
  assert.equal(v1.iss, `https://sts.windows.net/${ids.tenant}/`);
  assert.equal(v1.upn, "Ada@contoso.test");
});
