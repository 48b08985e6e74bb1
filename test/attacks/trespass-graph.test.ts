/** An ordinary app tries to help itself and its like. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { asApp, closeWorld, cloud, openWorld, owner, reader } from "./trespass-world.ts";

before(openWorld);
after(closeWorld);

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
