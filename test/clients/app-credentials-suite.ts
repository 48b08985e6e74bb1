/**
 * How applications sign in without a secret, each by its own unmodified client: certificates, other issuers' tokens, on behalf of a person; and
 * what az does to set that up. May use: az.ts, cloud.ts, seed.ts, node:crypto.
 */
import assert from "node:assert/strict";
import { createHash, generateKeyPairSync, type KeyObject, sign, X509Certificate } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { it } from "node:test";
import { type Az, freshAz } from "./az.ts";
import type { Cloud } from "./cloud.ts";
import { assertSucceeded, type Outcome } from "./execution.ts";
import type { AzInstallation } from "./installed.ts";
import { callGraph, createApp } from "./seed.ts";

export const issuer = "https://token.actions.githubusercontent.com";
export const subject = "repo:contoso/notes:ref:refs/heads/main";
const audience = "api://AzureADTokenExchange";
const graphAppId = "00000003-0000-0000-c000-000000000000";
const directoryReadAll = "7ab1d382-f21e-4acd-a863-ba3e13f7da61";
const userRead = "e1fe6dd8-ba31-4d61-89e7-88639da4683d";

export type Claims = Readonly<Record<string, unknown>>;

/** An issuer that this machine cannot reach, known to the cloud by a file: its key, and how it signs. */
export type OfflineIssuer = { token(more?: Claims): string };

export async function publishIssuer(cloud: Cloud): Promise<OfflineIssuer> {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const jwks = { keys: [{ ...publicKey.export({ format: "jwk" }), kid: "one", use: "sig", alg: "RS256" }] };
  const folder = join(cloud.status.stateDir, "issuers");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "github.json"), JSON.stringify({ issuer, jwks }));
  return { token: (more = {}) => signToken(privateKey, more) };
}

function signToken(key: KeyObject, more: Claims): string {
  const seconds = Math.floor(Date.now() / 1000);
  const claims = { iss: issuer, sub: subject, aud: audience, iat: seconds, nbf: seconds, exp: seconds + 600, ...more };
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const content = `${encode({ alg: "RS256", typ: "JWT", kid: "one" })}.${encode(claims)}`;
  return `${content}.${sign("sha256", Buffer.from(content), key).toString("base64url")}`;
}

/** An application whose certificate az made: its ids, and the file with the certificate and its key. */
export type CertificateApp = { readonly appId: string; readonly tenant: string; readonly pem: string };

export async function createCertificateApp(az: Az, name: string): Promise<CertificateApp> {
  const made = await az.json<{ appId: string; password: null; tenant: string; fileWithCertAndPrivateKey: string }>(
    ...["ad", "sp", "create-for-rbac", "--name", name, "--create-cert"],
  );
  assert.equal(made.password, null);
  return { appId: made.appId, tenant: made.tenant, pem: made.fileWithCertAndPrivateKey };
}

/** base64url SHA-256 of a file's certificate, as msal-node wants it (hex). */
export async function thumbprintOf(pem: string): Promise<string> {
  const { raw } = new X509Certificate(await readFile(pem));
  return createHash("sha256").update(raw).digest("hex");
}

export function assertTokens(outcome: Outcome, appId: string): void {
  const claims = JSON.parse(assertSucceeded(outcome).stdout) as Claims[];
  assert.ok(claims.length > 0);
  for (const { appid, appidacr } of claims) assert.deepEqual([appid, appidacr], [appId, "2"]);
}

type AzContext = () => { readonly cloud: Cloud; readonly az: Az; readonly offline: OfflineIssuer };

/** How az takes a certificate: as a password until 2.67, by an option of its own since. */
function certificateOption({ name }: AzInstallation): string {
  return name.startsWith("az 2.45") ? "--password" : "--certificate";
}

/** Certificates by az: made, signed in with, a second beside the first, the first taken away. */
function testAzCertificates(context: AzContext, installation: AzInstallation): void {
  it("makes an app with a certificate, signs in with it, rolls it", async () => {
    const { az, cloud } = context();
    const { appId, tenant, pem } = await createCertificateApp(az, "az-certificate");
    const login = [
      "login",
      "--service-principal",
      "-u",
      appId,
      certificateOption(installation),
      pem,
      "--tenant",
      tenant,
    ];
    const fresh = await freshAz(cloud, installation);
    await fresh.text(...login, "--allow-no-subscriptions");
    const listKeys = ["ad", "app", "credential", "list", "--id", appId, "--cert"];
    const [key] = await az.json<{ displayName: string; customKeyIdentifier: string; key: null; keyId: string }[]>(
      ...listKeys,
    );
    assert.equal(key?.displayName, "CN=CLI-Login");
    assert.equal(key.key, null);
    assert.equal(key.customKeyIdentifier, new X509Certificate(await readFile(pem)).fingerprint.replaceAll(":", ""));

    const reset = ["ad", "app", "credential", "reset", "--id", appId, "--create-cert", "--append"];
    const second = await az.json<{ fileWithCertAndPrivateKey: string }>(...reset);
    await az.text("ad", "app", "credential", "delete", "--id", appId, "--cert", "--key-id", key.keyId);
    assert.equal((await az.json<unknown[]>(...listKeys)).length, 1);
    const stale = await freshAz(cloud, installation);
    await stale.refused(/AADSTS700027.*The key was not found/, ...login, "--allow-no-subscriptions");
    login[login.indexOf(pem)] = second.fileWithCertAndPrivateKey;
    await stale.text(...login, "--allow-no-subscriptions");
  });

  it("gives a service principal a certificate of the user's own", async () => {
    const { az, cloud } = context();
    const { pem } = await createCertificateApp(az, "az-own-certificate");
    const { appId } = await createApp(cloud, "az-given-certificate");
    await az.text("ad", "sp", "credential", "reset", "--id", appId, "--cert", `@${pem}`);
    const fresh = await freshAz(cloud, installation);
    const tenant = cloud.status.tenantId;
    await fresh.text(
      ...["login", "--service-principal", "-u", appId, certificateOption(installation), pem, "--tenant", tenant],
      "--allow-no-subscriptions",
    );
  });
}

/** Federated credentials by az, and a sign-in with another issuer's token. */
function testAzFederation(context: AzContext, installation: AzInstallation): void {
  it("makes, shows, changes and deletes federated credentials, and signs in with another issuer's token", async () => {
    const { az, cloud, offline } = context();
    const { appId } = await createApp(cloud, "az-federated");
    const credential = (...args: string[]) => ["ad", "app", "federated-credential", ...args, "--id", appId];
    const named = ["--federated-credential-id", "main"];
    const parameters = async (of: string) => {
      const path = join(cloud.workDir, "federated.json");
      await writeFile(path, JSON.stringify({ name: "main", issuer, subject: of, audiences: [audience] }));
      return ["--parameters", `@${path}`];
    };
    const made = await az.json<{ id: string }>(...credential("create"), ...(await parameters("repo:contoso/other")));
    assert.equal((await az.json<{ id: string }>(...credential("show"), ...named)).id, made.id);
    const login = (token: string) => [
      ...["login", "--service-principal", "-u", appId, "--tenant", cloud.status.tenantId],
      ...["--federated-token", token, "--allow-no-subscriptions"],
    ];
    // Each from nothing: az keeps tokens, and would not ask again.
    const refused = async (expected: RegExp, token: string) =>
      (await freshAz(cloud, installation)).refused(expected, ...login(token));
    await refused(/AADSTS700213.*repo:contoso\/notes/, offline.token());
    await az.text(...credential("update"), ...named, ...(await parameters(subject)));
    await (await freshAz(cloud, installation)).text(...login(offline.token()));
    await refused(/AADSTS700212/, offline.token({ aud: "api://other" }));
    await az.text(...credential("delete"), ...named);
    assert.deepEqual(await az.json(...credential("list")), []);
    await refused(/AADSTS70021\b/, offline.token());
  });
}

/** Permissions by az: asked for, granted, consented to, and what they open. */
function testAzPermissions(context: AzContext, installation: AzInstallation): void {
  it("asks for permissions, grants them and consents for everyone", async () => {
    const { az, cloud } = context();
    const app = await createApp(cloud, "az-permissions");
    const fresh = await freshAz(cloud, installation);
    const { appId, password, tenant } = app;
    await fresh.text(
      ...["login", "--service-principal", "-u", appId, "-p", password, "--tenant", tenant, "--allow-no-subscriptions"],
    );
    await fresh.refused(/Insufficient privileges/, "ad", "user", "list");
    const permission = (...args: string[]) => ["ad", "app", "permission", ...args, "--id", appId];
    const asked = [`${directoryReadAll}=Role`, `${userRead}=Scope`];
    await az.text(...permission("add"), "--api", graphAppId, "--api-permissions", ...asked);
    assert.equal((await az.json<unknown[]>(...permission("list"))).length, 1);
    await az.text(...permission("grant"), "--api", graphAppId, "--scope", "User.Read");
    await az.text(...permission("grant"), "--api", graphAppId, "--scope", "User.Read", "Group.Read.All");
    const grants = await az.json<{ scope: string; resourceDisplayName: string }[]>(
      ...permission("list-grants"),
      "--show-resource-name",
    );
    assert.deepEqual(
      grants.map(({ scope, resourceDisplayName }) => [scope, resourceDisplayName]),
      [["User.Read Group.Read.All", "Microsoft Graph"]],
    );
    await az.text(...permission("admin-consent"));
    // The token from before still has no roles; a new sign-in gets them.
    const again = await freshAz(cloud, installation);
    await again.text(
      ...["login", "--service-principal", "-u", appId, "-p", password, "--tenant", tenant, "--allow-no-subscriptions"],
    );
    assert.ok((await again.json<unknown[]>("ad", "user", "list")).length > 0);
    await again.refused(
      /Insufficient privileges/,
      "ad",
      "group",
      "create",
      "--display-name",
      "g",
      "--mail-nickname",
      "g",
    );
    await az.text(...permission("delete"), "--api", graphAppId);
    assert.deepEqual(await az.json(...permission("list")), []);
  });
}

/** App roles, optional claims, owners, deletion and restoration by az. */
function testAzLife(context: AzContext, installation: AzInstallation): void {
  it("makes an app with roles and optional claims, and lets a person own it", async () => {
    const { az, cloud } = context();
    const roles = join(cloud.workDir, "roles.json");
    const claims = join(cloud.workDir, "claims.json");
    const role = { displayName: "Read", description: "Read", value: "Notes.Read", allowedMemberTypes: ["Application"] };
    await writeFile(roles, JSON.stringify([{ ...role, isEnabled: true }]));
    await writeFile(claims, JSON.stringify({ accessToken: [{ name: "idtyp", essential: false }] }));
    const made = await az.json<{ id: string; appId: string; appRoles: { value: string }[] }>(
      ...["ad", "app", "create", "--display-name", "az-roles", "--app-roles", `@${roles}`],
      ...["--optional-claims", `@${claims}`],
    );
    assert.equal(made.appRoles[0]?.value, "Notes.Read");
    const operator = (await cloud.credentials("operator")).username!;
    const ownerId = await az.text("ad", "user", "show", "--id", operator, "--query", "id", "-o", "tsv");
    await az.text("ad", "app", "owner", "add", "--id", made.appId, "--owner-object-id", ownerId);
    assert.equal((await az.json<unknown[]>("ad", "app", "owner", "list", "--id", made.appId)).length, 1);
    await az.text("ad", "app", "owner", "remove", "--id", made.appId, "--owner-object-id", ownerId);
    assert.deepEqual(await az.json("ad", "app", "owner", "list", "--id", made.appId), []);
  });

  it("deletes an app and its principal, finds both in the bin, and brings them back", async () => {
    const { az, cloud } = context();
    const { appId, password, tenant } = await createApp(cloud, "az-deleted");
    const ids = async (what: string) => az.text("ad", what, "show", "--id", appId, "--query", "id", "-o", "tsv");
    const [applicationId, principalId] = [await ids("app"), await ids("sp")];
    await az.text("ad", "app", "delete", "--id", appId);
    const fresh = await freshAz(cloud, installation);
    const login = ["login", "--service-principal", "-u", appId, "-p", password, "--tenant", tenant];
    await fresh.refused(/AADSTS700016/, ...login, "--allow-no-subscriptions");
    const bin = "https://graph.microsoft.com/v1.0/directory/deletedItems";
    const listed = await az.json<{ value: { id: string }[] }>("rest", "--url", `${bin}/microsoft.graph.application`);
    assert.ok(listed.value.some(({ id }) => id === applicationId));
    for (const id of [applicationId, principalId])
      await az.json("rest", "--method", "post", "--url", `${bin}/${id}/restore`);
    const restored = await freshAz(cloud, installation);
    await restored.text(...login, "--allow-no-subscriptions");
  });
}

/** All of it, for one az. */
export function testAz(context: AzContext, installation: AzInstallation): void {
  testAzCertificates(context, installation);
  testAzFederation(context, installation);
  testAzPermissions(context, installation);
  testAzLife(context, installation);
}

/** An API that a person's client calls and that calls Resource Manager for the person. */
export async function createApi(cloud: Cloud, appId: string): Promise<{ frontend: string; scope: string }> {
  const find = async (kind: string, of: string) =>
    (await callGraph<{ value: { id: string }[] }>(cloud, "GET", `/${kind}?$filter=appId eq '${of}'`)).value[0]!.id;
  const scopeId = "33333333-0000-4000-8000-000000000001";
  const texts = { adminConsentDisplayName: "Use", adminConsentDescription: "Use" };
  const frontend = await createApp(cloud, `${appId.slice(0, 8)}-frontend`);
  await callGraph(cloud, "PATCH", `/applications/${await find("applications", appId)}`, {
    identifierUris: [`api://${appId}`],
    api: {
      requestedAccessTokenVersion: 2,
      oauth2PermissionScopes: [{ id: scopeId, value: "Notes.Use", type: "User", isEnabled: true, ...texts }],
    },
  });
  await callGraph(cloud, "PATCH", `/applications/${await find("applications", frontend.appId)}`, {
    isFallbackPublicClient: true,
  });
  const [client, api] = [await find("servicePrincipals", frontend.appId), await find("servicePrincipals", appId)];
  const arm = await find("servicePrincipals", "797f4846-ba00-4fd7-ba43-dac1f8f63013");
  const grant = (clientId: string, resourceId: string, scope: string) =>
    callGraph(cloud, "POST", "/oauth2PermissionGrants", {
      clientId,
      consentType: "AllPrincipals",
      principalId: null,
      resourceId,
      scope,
    });
  await grant(client, api, "Notes.Use");
  await grant(api, arm, "user_impersonation");
  return { frontend: frontend.appId, scope: `api://${appId}/Notes.Use` };
}
