import assert from "node:assert/strict";
import { test } from "node:test";
import { assignAppRole } from "../directory/app-role-assignment.ts";
import { put } from "../state/change.ts";
import type { Application, OptionalClaim } from "../state/entities.ts";
import { firstPartyAppIds } from "../state/first-party.ts";
import type {
  AppId,
  ApplicationObjectId,
  GroupObjectId,
  Guid,
  ServicePrincipalObjectId,
} from "../state/identifiers.ts";
import type { Resource } from "./audiences.ts";
import { appClaims, userClaims } from "./claims.ts";
import { application, ids, makeSampleModel, sampleTime, servicePrincipal, tenant, user } from "./sample-directory.ts";
import { contentForApp, contentForUser, idTokenExtras, maxGroupsInAddress, maxGroupsInToken } from "./token-content.ts";

const apiId = "dddddddd-0000-4000-8000-000000000001" as AppId;
const apiPrincipalId = "dddddddd-0000-4000-8000-000000000003" as ServicePrincipalObjectId;
const roleId = "dddddddd-0000-4000-8000-000000000004" as Guid;
const resource: Resource = { kind: "application", audience: `api://${apiId}`, appId: apiId };
const claim = (name: string, ...additionalProperties: string[]): OptionalClaim => ({
  name,
  source: null,
  essential: false,
  additionalProperties,
});

function setUp(api: Partial<Application> = {}) {
  const model = makeSampleModel();
  const id = "dddddddd-0000-4000-8000-000000000002" as ApplicationObjectId;
  const appRoles = [
    {
      id: roleId,
      value: "Notes.Read",
      displayName: "Read",
      description: "Read",
      isEnabled: true,
      allowedMemberTypes: ["User", "Application"],
    },
  ];
  model.apply(put("application", { ...application, id, appId: apiId, displayName: "API", appRoles, ...api }));
  model.apply(put("servicePrincipal", { ...servicePrincipal, id: apiPrincipalId, appId: apiId, displayName: "API" }));
  const assign = (principalId: string) => {
    const request = { principalId, resourceId: apiPrincipalId, appRoleId: roleId };
    const outcome = assignAppRole(model, request, { id: crypto.randomUUID() as Guid, now: sampleTime });
    for (const change of outcome.changes) model.apply(change);
  };
  const addGroups = (count: number) => {
    for (let index = 0; index < count; index++) {
      const groupId = `eeeeeeee-0000-4000-8000-${String(index).padStart(12, "0")}` as GroupObjectId;
      model.apply(put("groupMember", { groupId, memberId: user.id }));
    }
  };
  return { model, assign, addGroups };
}

const base = {
  tenant,
  resource,
  validity: { notBefore: 1_772_366_100, expiresAt: 1_772_370_000 },
  marks: { tokenId: "AQEBAQEBAQEBAQEBAQEBAQ", revocationHint: "1.AAg." },
  directoryRoleIds: [],
};
const client = { appId: ids.app, displayName: "Notes", proof: "2" } as const;

test("an API that asks for version 2 gets it, with its client id as the audience", () => {
  const { model, assign } = setUp({ requestedAccessTokenVersion: 2 });
  assign(servicePrincipal.id);
  const content = contentForApp(model, servicePrincipal, resource);
  const claims = appClaims({ ...base, servicePrincipal, proof: "2", content });
  assert.deepEqual(claims, {
    aud: apiId,
    iss: `https://login.microsoftonline.com/${ids.tenant}/v2.0`,
    iat: 1_772_366_100,
    nbf: 1_772_366_100,
    exp: 1_772_370_000,
    azp: ids.app,
    azpacr: "2",
    oid: servicePrincipal.id,
    rh: "1.AAg.",
    roles: ["Notes.Read"],
    sub: servicePrincipal.id,
    tid: ids.tenant,
    uti: "AQEBAQEBAQEBAQEBAQEBAQ",
    ver: "2.0",
  });
});

test("a person's token for an API has permissions, roles and version 2 claims", () => {
  const { model, assign } = setUp({ requestedAccessTokenVersion: 2 });
  assign(user.id);
  const content = contentForUser(model, user, resource, undefined);
  const claims = userClaims({ ...base, user, client, scopes: ["Notes.Use"], content });
  assert.equal(claims.scp, "Notes.Use");
  assert.deepEqual(claims.roles, ["Notes.Read"]);
  assert.equal(claims.preferred_username, user.userPrincipalName);
  for (const absent of ["appid", "upn", "unique_name", "idtyp", "wids", "groups", "amr"])
    assert.ok(!(absent in claims), absent);
});

test("an API that asks for nothing gets version 1, without idtyp and directory roles", () => {
  const { model } = setUp();
  const claims = appClaims({ ...base, servicePrincipal, content: contentForApp(model, servicePrincipal, resource) });
  assert.equal(claims.ver, "1.0");
  assert.equal(claims.aud, `api://${apiId}`);
  assert.equal(claims.appidacr, "1");
  for (const absent of ["roles", "idtyp", "wids"]) assert.ok(!(absent in claims), absent);
});

test("optional claims are given when asked for, and only those that are known", () => {
  const names = ["idtyp", "acct", "auth_time", "email", "family_name", "given_name", "upn", "nonsense", "sub"];
  const optionalClaims = {
    idToken: [claim("auth_time")],
    accessToken: names.map((name) => claim(name)),
    saml2Token: [],
  };
  const { model } = setUp({ requestedAccessTokenVersion: 2, optionalClaims });
  const content = contentForUser(model, user, resource, 1_772_000_000);
  const claims = userClaims({ ...base, user, client, scopes: ["x"], content });
  assert.equal(claims.idtyp, "user");
  assert.equal(claims.acct, 0);
  assert.equal(claims.auth_time, 1_772_000_000);
  assert.equal(claims.email, user.mail);
  assert.equal(claims.family_name, "Lovelace");
  assert.ok(!("nonsense" in claims));
  assert.match(String(claims.sub), /^[\w-]{43}$/, "an optional claim replaces no other");
  assert.equal(
    appClaims({ ...base, servicePrincipal, content: contentForApp(model, servicePrincipal, resource) }).idtyp,
    "app",
  );
  assert.deepEqual(idTokenExtras(model, user, apiId, { signedInAt: 1_772_000_000 }), { auth_time: 1_772_000_000 });
});

test("optional claims about a person say what the directory knows, and are left out where it knows nothing", () => {
  const names = ["ctry", "login_hint", "verified_primary_email", "verified_secondary_email", "xms_pl"];
  const accessToken = names.map((name) => claim(name));
  const { model } = setUp({ optionalClaims: { idToken: [], accessToken, saml2Token: [] } });
  const of = (more: Partial<typeof user>) => contentForUser(model, { ...user, ...more }, resource, undefined).extra;
  const known = { country: "DE", otherMails: ["ada@home.test"], preferredLanguage: "de-DE" };
  assert.deepEqual(of(known), {
    ctry: "DE",
    login_hint: user.userPrincipalName,
    verified_primary_email: [user.mail],
    verified_secondary_email: ["ada@home.test"],
    xms_pl: "de-DE",
  });
  assert.deepEqual(of({ country: "Germany", mail: null }), { login_hint: user.userPrincipalName });
});

test("use_guid makes the client id the audience of a version 1 token", () => {
  const optionalClaims = { idToken: [], accessToken: [claim("aud", "use_guid")], saml2Token: [] };
  const { model } = setUp({ optionalClaims });
  const claims = appClaims({ ...base, servicePrincipal, content: contentForApp(model, servicePrincipal, resource) });
  assert.equal(claims.aud, apiId);
  assert.equal(claims.ver, "1.0");
});

test("groups are named up to 200; with more, the token says where to ask", () => {
  const { model, addGroups } = setUp({ groupMembershipClaims: "SecurityGroup" });
  const groupsOf = () => contentForUser(model, user, resource, undefined).extra;
  assert.deepEqual(groupsOf(), {});
  addGroups(maxGroupsInToken);
  assert.equal((groupsOf().groups as string[]).length, maxGroupsInToken);
  addGroups(maxGroupsInToken + 1);
  const overage = groupsOf();
  assert.deepEqual(overage._claim_names, { groups: "src1" });
  assert.match(JSON.stringify(overage._claim_sources), new RegExp(`users/${user.id}/getMemberObjects`));
  assert.ok(!("groups" in overage));
});

test("an id token by way of the address bar names five groups; with more, it says that there are some", () => {
  const { model, addGroups } = setUp({ groupMembershipClaims: "SecurityGroup" });
  const groupsOf = (isInAddress: boolean) => idTokenExtras(model, user, apiId, { signedInAt: undefined, isInAddress });
  addGroups(maxGroupsInAddress);
  assert.equal((groupsOf(true).groups as string[]).length, maxGroupsInAddress);
  addGroups(maxGroupsInAddress + 1);
  assert.deepEqual(groupsOf(true), { hasgroups: true });
  assert.equal((groupsOf(false).groups as string[]).length, maxGroupsInAddress + 1);
});

test("ApplicationGroup names only groups the application was assigned to; DirectoryRole shows directory roles", () => {
  const { model, assign, addGroups } = setUp({ groupMembershipClaims: "ApplicationGroup, DirectoryRole" });
  addGroups(3);
  const groupId = "eeeeeeee-0000-4000-8000-000000000001" as GroupObjectId;
  const times = { createdDateTime: sampleTime.toISOString() };
  const texts = { displayName: "g", description: null, mailNickname: "g", mailEnabled: false, securityEnabled: true };
  model.apply(put("group", { id: groupId, ...texts, ...times }));
  assign(groupId);
  const content = contentForUser(model, user, resource, undefined);
  assert.deepEqual(content.extra, { groups: [groupId] });
  assert.deepEqual(content.roles, ["Notes.Read"]);
  assert.equal(content.areDirectoryRolesShown, true);
});

test("groups may stand in the place of roles, and assigned ones be told by name", () => {
  const id = "eeeeeeee-0000-4000-8000-000000000001" as GroupObjectId;
  const texts = { displayName: "Writers", description: null, mailNickname: "w", mailEnabled: false };
  const told = (groupMembershipClaims: string, ...additionalProperties: string[]) => {
    const claims = [claim("groups", ...additionalProperties)];
    const optionalClaims = { idToken: claims, accessToken: claims, saml2Token: [] };
    const { model, assign } = setUp({ groupMembershipClaims, optionalClaims });
    model.apply(put("group", { id, ...texts, securityEnabled: true, createdDateTime: sampleTime.toISOString() }));
    model.apply(put("groupMember", { groupId: id, memberId: user.id }));
    assign(id);
    const { roles, extra } = contentForUser(model, user, resource, undefined);
    const inId = idTokenExtras(model, user, apiId, { signedInAt: undefined });
    assert.deepEqual(inId, { ...extra, ...(roles.length === 0 ? {} : { roles }) }, "id tokens say the same");
    return { roles, groups: extra.groups };
  };
  const roles = ["Notes.Read"];
  assert.deepEqual(told("SecurityGroup"), { roles, groups: [id] });
  assert.deepEqual(told("SecurityGroup", "emit_as_roles"), { roles: [id], groups: undefined });
  assert.deepEqual(told("SecurityGroup", "cloud_displayname"), { roles, groups: [id] });
  assert.deepEqual(told("ApplicationGroup", "cloud_displayname"), { roles, groups: ["Writers"] });
  const both = told("ApplicationGroup", "emit_as_roles", "cloud_displayname");
  assert.deepEqual(both, { roles: ["Writers"], groups: undefined });
});

test("Graph's permissions of an application are in its Graph token, and nowhere else", () => {
  const { model } = setUp();
  const graphPrincipal = {
    ...servicePrincipal,
    id: "dddddddd-0000-4000-8000-000000000009" as ServicePrincipalObjectId,
  };
  model.apply(put("servicePrincipal", { ...graphPrincipal, appId: firstPartyAppIds.microsoftGraph }));
  const appRoleId = "7ab1d382-f21e-4acd-a863-ba3e13f7da61" as Guid;
  const request = { principalId: servicePrincipal.id, resourceId: graphPrincipal.id, appRoleId };
  const outcome = assignAppRole(model, request, { id: roleId, now: sampleTime });
  for (const change of outcome.changes) model.apply(change);
  const rolesAt = (kind: Resource["kind"], appId: AppId) =>
    contentForApp(model, servicePrincipal, { kind, audience: "https://x", appId }).roles;
  assert.deepEqual(rolesAt("graph", firstPartyAppIds.microsoftGraph), ["Directory.Read.All"]);
  assert.deepEqual(rolesAt("own-origin", firstPartyAppIds.azureResourceManager), ["Directory.Read.All"]);
  assert.deepEqual(rolesAt("arm", firstPartyAppIds.azureResourceManager), []);
  assert.deepEqual(rolesAt("storage", firstPartyAppIds.azureStorage), []);
});
