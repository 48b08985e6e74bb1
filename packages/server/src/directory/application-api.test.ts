import assert from "node:assert/strict";
import { test } from "node:test";
import type { OptionalClaim, PermissionScope } from "../state/entities.ts";
import type { AppId, ApplicationObjectId } from "../state/identifiers.ts";
import { type ApplicationProperties, createApplication, updateApplication } from "./application.ts";
import { readGroupKinds } from "./application-api.ts";
import { publishedScopes } from "./delegated-scopes.ts";
import { faultOf, SampleDirectory, sampleTime } from "./sample-directory.ts";

function setUp() {
  const directory = new SampleDirectory();
  const { model } = directory;
  const create = (properties: Partial<ApplicationProperties>) => {
    const by = { id: directory.id<ApplicationObjectId>(), appId: directory.id<AppId>(), now: sampleTime };
    return createApplication(model, { displayName: "api", ...properties }, by);
  };
  const scope = (value: string, more: Partial<PermissionScope> = {}): PermissionScope => ({
    id: directory.id(),
    value,
    adminConsentDescription: "What it does",
    adminConsentDisplayName: "Use it",
    userConsentDescription: null,
    userConsentDisplayName: null,
    isEnabled: true,
    type: "User",
    ...more,
  });
  return { directory, model, create, scope };
}

test("a permission is published while it is enabled, and disabled before it goes", () => {
  const { directory, model, create, scope } = setUp();
  const [use, manage] = [
    scope("Notes.Use", { userConsentDisplayName: "Use your notes" }),
    scope("Notes.Manage", { type: "Admin" }),
  ];
  const { id, appId } = directory.apply(create({ oauth2PermissionScopes: [use, manage] }));
  const published = () =>
    publishedScopes(model, appId).map((one) => [one.value, one.displayName, one.needsAdministrator]);
  assert.deepEqual(published(), [
    ["Notes.Use", "Use your notes", false],
    ["Notes.Manage", "Use it", true],
  ]);
  const update = (oauth2PermissionScopes: readonly PermissionScope[]) =>
    updateApplication(model, id, { oauth2PermissionScopes });
  assert.equal(faultOf(() => update([use])).why, "not-allowed");
  directory.apply(update([use, { ...manage, isEnabled: false }]));
  assert.deepEqual(published(), [["Notes.Use", "Use your notes", false]]);
  directory.apply(update([use]));
});

test("a permission has a value that can stand in a token, once, and words for who consents", () => {
  const { create, scope } = setUp();
  const twice = scope("Notes.Use");
  for (const [what, scopes] of Object.entries({
    "a blank": [scope("Notes Use")],
    nothing: [scope("")],
    "a dot first": [scope(".default")],
    "too long": [scope("x".repeat(121))],
    "no words": [scope("a", { adminConsentDisplayName: " " })],
    "long words": [scope("a", { userConsentDisplayName: "x".repeat(101) })],
    "one value twice": [scope("Notes.Use"), scope("notes.use")],
    "one id twice": [twice, { ...twice, value: "other" }],
    "another kind": [scope("a", { type: "Everyone" as "User" })],
  }))
    assert.equal(faultOf(() => create({ oauth2PermissionScopes: scopes })).property, "oauth2PermissionScopes", what);
});

test("a trusted client is named once, for permissions there are", () => {
  const { directory, create, scope } = setUp();
  const use = scope("Notes.Use");
  const client = { appId: directory.id<AppId>(), delegatedPermissionIds: [use.id] };
  directory.apply(create({ oauth2PermissionScopes: [use], preAuthorizedApplications: [client] }));
  for (const preAuthorizedApplications of [[client, client], [{ ...client, delegatedPermissionIds: [directory.id()] }]])
    assert.equal(
      faultOf(() => create({ oauth2PermissionScopes: [use], preAuthorizedApplications })).property,
      "preAuthorizedApplications",
    );
});

test("personal accounts take version 2, which a new application for them has unasked", () => {
  const { directory, model, create } = setUp();
  const forBoth = { signInAudience: "AzureADandPersonalMicrosoftAccount" } as const;
  assert.equal(directory.apply(create(forBoth)).requestedAccessTokenVersion, 2);
  assert.equal(
    faultOf(() => create({ ...forBoth, requestedAccessTokenVersion: 1 })).property,
    "api.requestedAccessTokenVersion",
  );
  const { id } = directory.apply(create({}));
  assert.equal(faultOf(() => updateApplication(model, id, forBoth)).property, "api.requestedAccessTokenVersion");
  directory.apply(updateApplication(model, id, { ...forBoth, requestedAccessTokenVersion: 2 }));
});

test("optional claims and groups are bounded and known", () => {
  const { directory, create } = setUp();
  const claim = (name: string): OptionalClaim => ({ name, source: null, essential: false, additionalProperties: [] });
  const claims = (accessToken: readonly OptionalClaim[]) => ({
    optionalClaims: { idToken: [], accessToken, saml2Token: [] },
  });
  directory.apply(create(claims([claim("idtyp"), claim("whatever comes next")])));
  assert.equal(faultOf(() => create(claims([claim("")]))).property, "optionalClaims/accessToken");
  const many = Array.from({ length: 101 }, (_, index) => claim(`c${index}`));
  assert.equal(faultOf(() => create(claims(many))).kind, "limit-reached");
  for (const good of [null, "None", "All", "SecurityGroup", "SecurityGroup, DirectoryRole"])
    directory.apply(create({ groupMembershipClaims: good }));
  for (const bad of ["Everything", "All, SecurityGroup", "SecurityGroup, SecurityGroup", "SecurityGroup,"])
    assert.equal(faultOf(() => create({ groupMembershipClaims: bad })).property, "groupMembershipClaims", bad);
  assert.deepEqual([...readGroupKinds("SecurityGroup,DirectoryRole")], ["SecurityGroup", "DirectoryRole"]);
  assert.equal(readGroupKinds("All").size, 3);
  assert.equal(readGroupKinds("None").size + readGroupKinds(null).size, 0);
});
