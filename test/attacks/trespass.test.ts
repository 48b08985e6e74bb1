/**
 * One who holds something tries for more: a reader of one container for another, the owner of one group for the subscription, an app for
 * another app, a deleted principal for anything. Every request goes over the wire.
 */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { connect } from "node:tls";
import { startTestCloud, type TestCloud } from "../support/cloud-in-process.ts";
import {
  type Answer,
  armVersion,
  assignRole,
  authorizationVersion,
  createAccount,
  createApp,
  planeHosts,
  planeScopes,
  roleIds,
} from "../support/plane-client.ts";

type App = Awaited<ReturnType<typeof createApp>>;
type Plane = keyof typeof planeScopes;

const account = "trespassdata";
const other = "trespassother";
const host = `${account}.blob.core.windows.net`;
const secret = "kept-from-trespassers";

/** What XML 1.0 cannot hold. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const unwritable = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

let cloud: TestCloud;
let group: string;
let neighbour: string;
let reader: App;
let owner: App;
let readerToken: string;
let ownerToken: string;

before(async () => {
  cloud = await startTestCloud();
  const { client } = cloud;
  const accountId = await createAccount(client, "rg1", account);
  neighbour = (await createAccount(client, "rg10", other)).split("/providers/")[0]!;
  group = accountId.split("/providers/")[0]!;
  [reader, owner] = [await createApp(client, "reader"), await createApp(client, "owner")];
  await mustBlob("PUT", "/open?restype=container");
  await mustBlob("PUT", "/closed?restype=container");
  await mustBlob("PUT", "/closed/letter", secret);
  await mustBlob("PUT", "/open/letter", "for all to read");
  await mustAssign(
    `${accountId}/blobServices/default/containers/open`,
    roleIds.blobDataContributor,
    reader.principalId,
  );
  await mustAssign(group, roleIds.owner, owner.principalId);
  readerToken = await client.token(reader.appId, reader.secret, planeScopes.blob);
  ownerToken = await client.token(owner.appId, owner.secret, planeScopes.arm);
});
after(() => cloud.dispose());

async function mustAssign(scope: string, role: string, principalId: string): Promise<string> {
  const name = randomUUID();
  const answer = await assignRole(cloud.client, name, scope, role, principalId);
  assert.equal(answer.status, 201, answer.text);
  return name;
}

/** As the operator, who is given the data role first. */
async function mustBlob(method: string, target: string, body?: string, at = host): Promise<void> {
  const { client } = cloud;
  const operator = cloud.model.servicePrincipals.findOne(
    "appId",
    JSON.parse(Buffer.from((await client.operatorToken("arm")).split(".")[1]!, "base64url").toString()).appid,
  )!;
  await assignRole(
    client,
    "00000000-0000-4000-8000-000000000001",
    `/subscriptions/${cloud.status.subscriptionId}`,
    roleIds.blobDataOwner,
    operator.id,
  );
  const answer = await client.send(at, method, target, {
    headers: {
      authorization: `Bearer ${await client.operatorToken("blob")}`,
      "x-ms-version": "2023-11-03",
      "x-ms-blob-type": "BlockBlob",
    },
    ...(body === undefined ? {} : { body }),
  });
  assert.equal(answer.status, 201, answer.text);
}

function readBlob(target: string, headers: Record<string, string> = {}, method = "GET", at = host): Promise<Answer> {
  return cloud.client.send(at, method, target, {
    headers: { authorization: `Bearer ${readerToken}`, "x-ms-version": "2023-11-03", ...headers },
  });
}

function asOwner(method: string, target: string, body?: object): Promise<Answer> {
  return cloud.client.send(planeHosts.arm, method, target, {
    headers: { authorization: `Bearer ${ownerToken}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

async function asApp(app: App, plane: Plane, method: string, target: string, body?: object): Promise<Answer> {
  const token = await cloud.client.token(app.appId, app.secret, planeScopes[plane]);
  const at = plane === "blob" ? host : planeHosts[plane];
  return cloud.client.send(at, method, target, {
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json", "x-ms-version": "2023-11-03" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

/** Sends bytes no HTTP library would. */
function sendBytes(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: "127.0.0.1",
      port: Number(new URL(cloud.status.baseUrl).port),
      servername: "localhost",
      rejectUnauthorized: false,
    });
    let answer = "";
    socket.setTimeout(1000, () => socket.destroy());
    socket.on("data", (chunk) => {
      answer += chunk.toString("latin1");
    });
    socket.on("error", reject);
    socket.on("close", () => resolve(answer));
    socket.on("secureConnect", () => socket.write(text));
  });
}

describe("blobs: a reader of /open cannot reach /closed", () => {
  test("the reader reads what it may, and is refused what it may not", async () => {
    assert.equal((await readBlob("/open/letter")).text, "for all to read");
    assert.equal((await readBlob("/closed/letter")).status, 403);
  });

  for (const target of [
    "/open/../closed/letter",
    "/open/%2e%2e/closed/letter",
    "/open/%2E%2E%2Fclosed/letter",
    "/open%2F..%2Fclosed/letter",
    "/open/..%2fclosed%2fletter",
    "//closed/letter",
    "/./closed/letter",
    "/%2e/closed/letter",
    "/closed//letter",
    "/closed%2Fletter",
    "/CLOSED/letter",
    "/%63losed/letter",
    "/closed/letter?",
    "/closed/letter?comp=",
    "/closed/letter?restype=",
    "/closed/letter?comp=metadata",
    "/closed/letter?COMP=metadata&restype=",
    "/open/letter?comp=&comp=block",
    "/closed?restype=container&comp=list",
    "/closed?RESTYPE=container&Comp=LIST",
    "/open?restype=container&comp=list&restype=account",
    "/open/letter/../../closed/letter",
    "/open\\..\\closed\\letter",
    "/open/%5c..%5c..%5cclosed%5cletter",
    "/open/%c0%ae%c0%ae/closed/letter",
    "/?comp=list",
    "/?comp=list&include=metadata",
    "/open/letter;/../../closed/letter",
    "/closed/letter?snapshot=",
    "/closed/letter?versionid=",
    `https://${host}/closed/letter`,
    `https://${other}.blob.core.windows.net/closed/letter`,
    "/open/%00/closed/letter",
  ]) {
    for (const method of ["GET", "HEAD", "PUT", "DELETE", "POST"]) {
      test(`${method} ${target}`, async () => {
        const { status, text } = await readBlob(target, { "x-ms-blob-type": "BlockBlob" }, method);
        assert.ok(!text.includes(secret), text);
        assert.ok((status >= 400 && status < 500) || status === 501, `${status} ${text}`);
        assert.doesNotMatch(text, /ContainerNotFound|BlobNotFound|BlobAlreadyExists/, "tells what is there");
      });
    }
  }

  for (const name of ["..%252fclosed%252fletter", "%ef%bc%8e%ef%bc%8e/closed/letter", "%252e%252e/closed/letter"]) {
    test(`/open/${name} is a blob of /open, decoded once`, async () => {
      assert.equal((await readBlob(`/open/${name}`, { "x-ms-blob-type": "BlockBlob" }, "PUT")).status, 201);
      assert.equal((await readBlob(`/open/${name}`)).text, "");
      const stored = (await readBlob("/open?restype=container&comp=list")).text;
      assert.ok(stored.includes(`<Name>${decodeURIComponent(name)}</Name>`), stored);
      assert.equal((await readBlob(`/open/${name}`, {}, "DELETE")).status, 202);
    });
  }

  for (const [name, value] of [
    ["x-http-method-override", "GET"],
    ["x-original-url", "/closed/letter"],
    ["x-rewrite-url", "/closed/letter"],
    ["x-forwarded-host", `${other}.blob.core.windows.net`],
    ["x-ms-copy-source", `https://${host}/closed/letter`],
    ["x-forwarded-for", "127.0.0.1"],
  ] as const) {
    test(`the header ${name} changes nothing`, async () => {
      const { status, text } = await readBlob("/open/letter", { [name]: value });
      assert.ok(!text.includes(secret));
      assert.ok(status === 200 || status === 400, `${status}`);
    });
  }

  test("a copy needs the right to read its source", async () => {
    const { status, text } = await readBlob(
      "/open/copy",
      { "x-ms-copy-source": `https://${host}/closed/letter`, "x-ms-blob-type": "BlockBlob" },
      "PUT",
    );
    assert.ok(status >= 400, text);
    assert.notEqual((await readBlob("/open/copy")).text, secret);
  });

  test("host style, path style and their secondaries are one account, or none", async () => {
    for (const [at, target] of [
      ["localhost", `/${account}/closed/letter`],
      ["localhost", `/${account}-secondary/closed/letter`],
      ["localhost", `/${account.toUpperCase()}/closed/letter`],
      ["localhost", `//${account}/closed/letter`],
      ["localhost", `/%74respassdata/closed/letter`],
      ["localhost", `/open/../${account}/closed/letter`],
      [`${account}-secondary.blob.core.windows.net`, "/closed/letter"],
      [`${account.toUpperCase()}.BLOB.core.windows.net`, "/closed/letter"],
      [`${account}.blob.core.windows.net.`, "/closed/letter"],
      [`x.${account}.blob.core.windows.net`, "/closed/letter"],
      [`${account}.z6.blob.core.windows.net`, "/closed/letter"],
    ] as const) {
      // The name in the certificate's check stays; the Host header is what is tried.
      const { status, text } = await readBlob(target, { host: at }, "GET", "localhost");
      assert.ok(status >= 400 && status < 500, `${at}${target}: ${status} ${text}`);
    }
    assert.equal((await readBlob(`/${account}/open/letter`, {}, "GET", "localhost")).status, 200);
  });

  test("one without a right is told the same of what is there and of what is not", async () => {
    const shape = async (target: string, method: string, headers = {}) => {
      const { status, text, headers: sent } = await readBlob(target, headers, method);
      return [
        status,
        sent["x-ms-error-code"],
        text
          .replace(/RequestId:\S+|Time:\S+/g, "")
          .replaceAll("nowhere", "closed")
          .replaceAll("nothing", "letter"),
      ];
    };
    for (const method of ["GET", "HEAD", "PUT", "DELETE"]) {
      for (const headers of [{}, { "if-none-match": "*" }, { "if-match": '"0x1"' }, { range: "bytes=0-1" }]) {
        const all = { "x-ms-blob-type": "BlockBlob", ...headers };
        const there = await shape("/closed/letter", method, all);
        assert.deepEqual(await shape("/closed/nothing", method, all), there);
        assert.deepEqual(await shape("/nowhere/letter", method, all), there);
      }
      assert.deepEqual(
        await shape("/nowhere?restype=container", method),
        await shape("/closed?restype=container", method),
      );
    }
  });

  test("errors are well-formed whatever is in the request", async () => {
    for (const target of [
      "/open?restype=container&comp=list&maxresults=%01%3C%26",
      "/open/letter?comp=%08",
      "/open?restype=container&comp=list&include=%ef%bf%bf",
      "/open/letter?x=%00&x=%00",
      "/open?restype=container&comp=list&maxresults=%0c",
    ]) {
      const { status, text } = await readBlob(target);
      assert.ok(status >= 400 && status < 500, `${target} ${status}`);
      assert.doesNotMatch(text, unwritable, target);
      assert.doesNotMatch(text, /&(?!(?:amp|lt|gt|quot|apos|#\w+);)/, target);
    }
  });
});

describe("HTTP: one request is read in one way", () => {
  const line = `GET /closed/letter HTTP/1.1\r\nHost: ${host}\r\nx-ms-version: 2023-11-03\r\n`;

  for (const [what, head] of [
    ["Content-Length and chunks", "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n"],
    ["two lengths", "Content-Length: 4\r\nContent-Length: 5\r\n"],
    ["chunks spelled oddly", "Transfer-Encoding: xchunked\r\n"],
    ["a blank before the colon", "Transfer-Encoding : chunked\r\n"],
    ["a folded header", "X-A: b\r\n c\r\n"],
    ["a length with a sign", "Content-Length: +4\r\n"],
    ["a bare line feed", "X-A: b\nX-B: c\r\n"],
    ["two hosts", `Host: ${other}.blob.core.windows.net\r\n`],
    ["a null", "X-A: \u0000\r\n"],
  ] as const) {
    test(`${what}: refused, and nothing after it is read`, async () => {
      const answer = await sendBytes(`${line}${head}\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n`);
      assert.match(answer, /^HTTP\/1\.1 400 /);
      assert.equal(answer.match(/HTTP\/1\.1 /g)?.length, 1, answer);
    });
  }

  test("two Authorization headers are refused where the first would count and where the last would", async () => {
    for (const [one, two] of [
      [readerToken, "x"],
      ["x", readerToken],
    ]) {
      const answer = await sendBytes(
        `${line.replace("closed", "open")}Authorization: Bearer ${one}\r\nAuthorization: Bearer ${two}\r\nConnection: close\r\n\r\n`,
      );
      assert.match(answer, /^HTTP\/1\.1 4/);
    }
  });

  test("headers past the bound are 431", async () => {
    assert.match(await sendBytes(`${line}X-A: ${"a".repeat(70_000)}\r\n\r\n`), /^HTTP\/1\.1 431 /);
  });
});

describe("Resource Manager: the owner of rg1 stays there", () => {
  const roleOf = (id: string) =>
    `/subscriptions/${cloud.status.subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${id}`;
  const assignment = () => `/providers/Microsoft.Authorization/roleAssignments/${randomUUID()}?${authorizationVersion}`;
  const ownership = () => ({
    properties: {
      roleDefinitionId: roleOf(roleIds.owner),
      principalId: owner.principalId,
      principalType: "ServicePrincipal",
    },
  });

  test("it cannot assign roles at any other scope, however the scope is spelled", async () => {
    const subscription = `/subscriptions/${cloud.status.subscriptionId}`;
    const scopes = [
      subscription,
      neighbour,
      "",
      `${subscription}/`,
      `${group}/..`,
      `${group}/%2e%2e/rg10`,
      `${group}%2F..%2Frg10`,
      `${group}0`,
      `${group}//../rg10`,
      `${subscription}//resourceGroups//rg10`,
      `${subscription}/RESOURCEGROUPS/RG10`,
      `${group}/providers/Microsoft.Authorization/roleAssignments/../../../../rg10`,
      `${group}/subscriptions/${cloud.status.subscriptionId}`,
      `${group}/resourceGroups/rg10`,
      `/providers/Microsoft.Management/managementGroups/${cloud.status.tenantId}`,
      `${subscription}/providers/x/y/z${group}`,
      `${neighbour}/providers/Microsoft.Storage/storageAccounts/${other}`,
      `${group};/../rg10`,
      `${group}%00`,
      `${subscription}/resourceGroups/%ef%ac%80`,
    ];
    for (const scope of scopes) {
      const { status, text } = await asOwner("PUT", `${scope}${assignment()}`, ownership());
      assert.ok(status >= 400 && status < 500, `${scope}: ${status} ${text}`);
    }
    const held = [...cloud.model.roleAssignments.values()].filter(
      ({ principalId }) => principalId === owner.principalId,
    );
    assert.deepEqual(
      held.map(({ scope }) => scope.toLowerCase()),
      [group.toLowerCase()],
    );
  });

  test("a scope in the body does not count", async () => {
    const body = {
      properties: {
        ...ownership().properties,
        roleDefinitionId: roleOf(roleIds.reader),
        scope: `/subscriptions/${cloud.status.subscriptionId}`,
      },
      scope: "/",
      id: "/x",
    };
    const { status, text } = await asOwner("PUT", `${group}${assignment()}`, body);
    if (status === 201) assert.equal(JSON.parse(text).properties.scope.toLowerCase(), group.toLowerCase());
    else assert.equal(status, 400, text);
  });

  test("it cannot take another scope's assignment over by its name, nor delete it by way of rg1", async () => {
    const name = await mustAssign(neighbour, roleIds.reader, reader.principalId);
    const target = `${group}/providers/Microsoft.Authorization/roleAssignments/${name}?${authorizationVersion}`;
    assert.ok((await asOwner("PUT", target, ownership())).status >= 400);
    assert.equal((await asOwner("DELETE", target)).status, 204);
    assert.equal(cloud.model.roleAssignments.get(name as never)?.principalId, reader.principalId);
  });

  test("it cannot make, widen or take over a custom role of a wider scope", async () => {
    const { client } = cloud;
    const subscription = `/subscriptions/${cloud.status.subscriptionId}`;
    const definition = (scope: string, id: string) =>
      `${scope}/providers/Microsoft.Authorization/roleDefinitions/${id}?${authorizationVersion}`;
    const role = (roleName: string, assignableScopes: string[], actions = ["*"]) => ({
      properties: { roleName, type: "CustomRole", permissions: [{ actions }], assignableScopes },
    });
    const wide = randomUUID();
    await client.must(
      "arm",
      "PUT",
      definition(subscription, wide),
      role("wide", [subscription], ["Microsoft.Storage/storageAccounts/read"]),
    );
    for (const scopes of [[group], [subscription], [group, subscription], [neighbour], ["/"]]) {
      assert.ok((await asOwner("PUT", definition(group, wide), role("wide", scopes))).status >= 400, scopes.join());
      const isOwn = scopes.length === 1 && scopes[0] === group;
      const fresh = await asOwner("PUT", definition(group, randomUUID()), role(`fresh ${scopes.join()}`, scopes));
      assert.equal(fresh.status === 201, isOwn, `${scopes.join()}: ${fresh.status}`);
    }
    assert.equal((await asOwner("DELETE", definition(group, wide))).status, 403);
    assert.deepEqual(cloud.model.roleDefinitions.get(wide as never)?.permissions[0]?.actions, [
      "Microsoft.Storage/storageAccounts/read",
    ]);
    assert.ok((await asOwner("PUT", definition(group, roleIds.reader), role("Reader", [group]))).status >= 400);
  });

  test("it cannot make, move or read management groups", async () => {
    const base = "/providers/Microsoft.Management/managementGroups";
    for (const [method, target, body] of [
      ["PUT", `${base}/mine?api-version=2020-05-01`, { properties: { displayName: "mine" } }],
      [
        "PUT",
        `${base}/${cloud.status.tenantId}/subscriptions/${cloud.status.subscriptionId}?api-version=2020-05-01`,
        {},
      ],
      ["GET", `${base}/${cloud.status.tenantId}?api-version=2020-05-01`, undefined],
      ["PUT", `/providers/Microsoft.Authorization/elevateAccess?${authorizationVersion}`, undefined],
      ["POST", `/providers/Microsoft.Authorization/elevateAccess?${authorizationVersion}`, undefined],
    ] as const) {
      const { status, text } = await asOwner(method, target, body);
      assert.ok(status >= 400, `${method} ${target}: ${status} ${text}`);
    }
  });

  test("what is there in another group is not told from what is not", async () => {
    const shape = async (target: string) => {
      const { status, text } = await asOwner("GET", `${target}?${armVersion}`);
      return [status, JSON.parse(text).error.code];
    };
    const accounts = `${neighbour}/providers/Microsoft.Storage/storageAccounts`;
    assert.deepEqual(await shape(`${accounts}/nosuchaccount`), await shape(`${accounts}/${other}`));
    assert.deepEqual(await shape(neighbour.replace("rg10", "rg99")), await shape(neighbour));
    const list = await asOwner("GET", `/subscriptions/${cloud.status.subscriptionId}/resourcegroups?${armVersion}`);
    assert.doesNotMatch(list.text, /rg10/);
  });

  test("a group and an account that are made anew inherit nothing", async () => {
    const { client } = cloud;
    const accountId = await createAccount(client, "reborn", "rebornaccount");
    const rebornGroup = accountId.split("/providers/")[0]!;
    const container = `${accountId}/blobServices/default/containers/secrets`;
    const names = [
      await mustAssign(
        rebornGroup.toUpperCase().replace("/SUBSCRIPTIONS/", "/subscriptions/"),
        roleIds.owner,
        reader.principalId,
      ),
      await mustAssign(accountId, roleIds.blobDataOwner, reader.principalId),
      await mustAssign(container, roleIds.blobDataReader, reader.principalId),
    ];
    await client.must("arm", "DELETE", `${accountId}?${armVersion}`);
    for (const name of names.slice(1)) assert.equal(cloud.model.roleAssignments.get(name as never), undefined);
    await createAccount(client, "reborn", "rebornaccount");
    await client.call("arm", "DELETE", `${rebornGroup}?${armVersion}`);
    for (
      let round = 0;
      round < 200 && (await client.call("arm", "GET", `${rebornGroup}?${armVersion}`)).status === 200;
      round++
    );
    await createAccount(client, "reborn", "rebornaccount");
    assert.equal(cloud.model.roleAssignments.get(names[0] as never), undefined);
    await mustBlob("PUT", "/secrets?restype=container", undefined, "rebornaccount.blob.core.windows.net");
    assert.equal(
      (await readBlob("/secrets?restype=container&comp=list", {}, "GET", "rebornaccount.blob.core.windows.net")).status,
      403,
    );
    assert.equal((await asApp(reader, "arm", "GET", `${rebornGroup}?${armVersion}`)).status, 403);
  });
});

describe("Graph: an app cannot help itself", () => {
  test("an ordinary app can do nothing to itself or to others, one by one or in a batch", async () => {
    const tries: [string, string, object?][] = [
      ["GET", "/applications"],
      ["GET", "/users"],
      ["GET", `/applications(appId='${reader.appId}')`],
      ["GET", `/applications?$filter=appId eq '${reader.appId}' or 1 eq 1`.replaceAll(" ", "%20")],
      ["GET", "/directoryRoles"],
      ["PATCH", `/applications/${reader.objectId}`, { displayName: "x" }],
      ["POST", `/applications/${owner.objectId}/addPassword`, {}],
      ["POST", `/servicePrincipals/${owner.principalId}/addPassword`, {}],
      [
        "POST",
        `/applications/${reader.objectId}/owners/$ref`,
        { "@odata.id": `https://graph.microsoft.com/v1.0/servicePrincipals/${reader.principalId}` },
      ],
      [
        "POST",
        `/servicePrincipals/${reader.principalId}/appRoleAssignments`,
        {
          principalId: reader.principalId,
          resourceId: reader.principalId,
          appRoleId: "9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8",
        },
      ],
      ["POST", "/groups", { displayName: "g", mailEnabled: false, mailNickname: "g", securityEnabled: true }],
      [
        "POST",
        "/roleManagement/directory/roleAssignments",
        {
          principalId: reader.principalId,
          roleDefinitionId: "62e90394-69f5-4237-9190-012177145e10",
          directoryScopeId: "/",
        },
      ],
      [
        "POST",
        "/oauth2PermissionGrants",
        { clientId: reader.principalId, consentType: "AllPrincipals", resourceId: owner.principalId, scope: "a" },
      ],
      ["GET", "/directory/deletedItems/microsoft.graph.user"],
      ["POST", "/directoryObjects/getByIds", { ids: [owner.principalId] }],
      ["GET", "/auditLogs/signIns"],
    ];
    for (const [method, url, body] of tries) {
      const { status, text } = await asApp(reader, "graph", method, `/v1.0${url}`, body);
      assert.ok(
        status === 403 || status === 404 || status === 501 || status === 400,
        `${method} ${url}: ${status} ${text}`,
      );
      assert.ok(!text.includes(owner.appId), text);
    }
    const requests = tries.map(([method, url, body], index) => ({
      id: String(index),
      method,
      url,
      ...(body === undefined ? {} : { body, headers: { "content-type": "application/json" } }),
    }));
    const batch = await asApp(reader, "graph", "POST", "/v1.0/$batch", { requests });
    assert.equal(batch.status, 200, batch.text);
    for (const part of JSON.parse(batch.text).responses) assert.ok(part.status >= 400, JSON.stringify(part));
    assert.ok(!batch.text.includes(owner.appId));
  });

  test("a part of a batch cannot speak for somebody else, leave the host, or be a batch", async () => {
    const token = await cloud.client.operatorToken("graph");
    for (const part of [
      { url: "/users", headers: { Authorization: `Bearer ${token}` } },
      { url: "/users", headers: { AUTHORIZATION: `Bearer ${token}` } },
      { url: "https://graph.microsoft.com/v1.0/users" },
      { url: "//localhost/users" },
      { url: "/../v1.0/users" },
      { url: "/users\\" },
    ]) {
      const { status, text } = await asApp(reader, "graph", "POST", "/v1.0/$batch", {
        requests: [{ id: "1", method: "GET", ...part }],
      });
      assert.ok(status >= 400 || JSON.parse(text).responses[0].status >= 400, text);
    }
    const nested = await asApp(reader, "graph", "POST", "/v1.0/$batch", {
      requests: [
        {
          id: "1",
          method: "POST",
          url: "/$batch",
          headers: { "content-type": "application/json" },
          body: { requests: [{ id: "1", method: "GET", url: "/users" }] },
        },
      ],
    });
    assert.ok(JSON.parse(nested.text).responses[0].status >= 400, nested.text);
  });
});

describe("tokens: who is gone is gone", () => {
  test("a token that was taken before is refused once its principal is disabled, and once it is deleted, on every plane", async () => {
    const { client } = cloud;
    for (const how of ["disabled", "deleted"] as const) {
      const app = await createApp(client, how);
      await mustAssign(group, roleIds.blobDataOwner, app.principalId);
      await mustAssign(group, roleIds.reader, app.principalId);
      const [arm, blob] = [
        await client.token(app.appId, app.secret, planeScopes.arm),
        await client.token(app.appId, app.secret, planeScopes.blob),
      ];
      const ask = async () => [
        (
          await client.send(planeHosts.arm, "GET", `${group}?${armVersion}`, {
            headers: { authorization: `Bearer ${arm}` },
          })
        ).status,
        (
          await client.send(host, "GET", "/closed/letter", {
            headers: { authorization: `Bearer ${blob}`, "x-ms-version": "2023-11-03" },
          })
        ).status,
      ];
      assert.deepEqual(await ask(), [200, 200]);
      if (how === "disabled")
        await client.must("graph", "PATCH", `/v1.0/servicePrincipals/${app.principalId}`, { accountEnabled: false });
      else await client.must("graph", "DELETE", `/v1.0/servicePrincipals/${app.principalId}`);
      assert.deepEqual(await ask(), [401, 401]);
      assert.ok((await client.askToken(app.appId, app.secret, planeScopes.arm)).status >= 400);
    }
  });

  test("a token for one plane opens no other", async () => {
    const operator = {
      graph: await cloud.client.operatorToken("graph"),
      arm: await cloud.client.operatorToken("arm"),
      blob: await cloud.client.operatorToken("blob"),
    };
    const targets = {
      graph: [planeHosts.graph, "/v1.0/users"],
      arm: [planeHosts.arm, `${group}?${armVersion}`],
      blob: [host, "/closed/letter"],
    } as const;
    for (const [of, token] of Object.entries(operator)) {
      for (const [plane, [at, target]] of Object.entries(targets)) {
        const { status } = await cloud.client.send(at, "GET", target, {
          headers: { authorization: `Bearer ${token}`, "x-ms-version": "2023-11-03" },
        });
        assert.equal(status, of === plane ? 200 : 401, `${of} token at ${plane}`);
      }
    }
  });
});
