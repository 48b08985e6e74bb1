import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { startTrialCloud, type TrialCloud, trial } from "./trial-cloud.ts";

const sub = `/subscriptions/${trial.subscriptionId}`;
let arm: TrialCloud;

before(async () => {
  arm = await startTrialCloud();
});
after(() => arm.close());

describe("every operation", () => {
  it("refuses a caller without a token, unless it is public", async () => {
    for (const { operation, method, sample, permission } of arm.surface.operations) {
      const answer = await arm.send(method, sample.target, {
        as: null,
        ...(sample.body === undefined ? {} : { rawBody: sample.body }),
      });
      if (permission === "public") assert.equal(answer.status, 200, operation);
      else {
        assert.equal(answer.status, 401, operation);
        if (method !== "HEAD") assert.equal(answer.json.error.code, "AuthenticationFailed", operation);
        assert.match(
          answer.headers["www-authenticate"] ?? "",
          /^Bearer authorization_uri="https:\/\/login\.windows\.net\/1111/,
        );
      }
    }
  });

  it("refuses a principal without a role, and names action and scope, unless it only lists what is visible", async () => {
    for (const { operation, method, sample, permission } of arm.surface.operations) {
      if (permission === "public" || permission === "signed-in") continue;
      const answer = await arm.send(method, sample.target, {
        as: trial.app,
        ...(sample.body === undefined ? {} : { rawBody: sample.body }),
      });
      assert.equal(answer.status, 403, operation);
      assert.equal(answer.headers["x-ms-failure-cause"], "gateway");
      if (method === "HEAD") continue;
      assert.equal(answer.json.error.code, "AuthorizationFailed", operation);
      assert.match(answer.json.error.message, new RegExp(`^The client '${trial.appId}' with object id '${trial.app}'`));
      assert.match(answer.json.error.message, /over scope '\//);
    }
  });

  it("has a sample that its own row matches, and a documentation page", () => {
    const keys = new Set<string>();
    for (const { method, match, doc } of arm.surface.operations) {
      assert.match(doc, /^https:\/\/learn\.microsoft\.com\//);
      assert.equal(keys.has(`${method} ${match}`), false, `${method} ${match}`);
      keys.add(`${method} ${match}`);
    }
  });
});

describe("authentication", () => {
  const target = "/subscriptions?api-version=2022-12-01";
  const cases: readonly (readonly [string, string, RegExp])[] = [
    ["token-signature", "InvalidAuthenticationToken", /^The access token is invalid\.$/],
    ["token-algorithm", "InvalidAuthenticationToken", /^The access token is invalid\.$/],
    ["token-not-yet-valid", "InvalidAuthenticationToken", /^The access token is invalid\.$/],
    ["token-issuer", "InvalidAuthenticationTokenTenant", /wrong issuer 'https:\/\/sts\.windows\.net\/other\/\?'/],
    [
      "token-audience",
      "InvalidAuthenticationTokenAudience",
      /wrong audience or resource 'https:\/\/graph\.microsoft\.com'/,
    ],
    [
      "token-expired",
      "ExpiredAuthenticationToken",
      /'1\/1\/2026 1:00:00 PM' is earlier than current UTC time '1\/2\/2026 3:04:05 AM'/,
    ],
  ];
  for (const [as, code, message] of cases) {
    it(`answers ${as} with ${code}`, async () => {
      const answer = await arm.send("GET", target, { as });
      assert.equal(answer.status, 401);
      assert.equal(answer.json.error.code, code);
      assert.match(answer.json.error.message, message);
      assert.match(
        answer.headers["www-authenticate"] ?? "",
        /^Bearer .*error="invalid_token", error_description="[^"]*"$/,
      );
    });
  }

  it("answers another scheme with AuthenticationFailedInvalidHeader", async () => {
    for (const authorization of ["Basic YTpi", "Bearer", "Bearer a b", "SharedKey a:b"]) {
      const answer = await arm.send("GET", target, { as: null, headers: { authorization } });
      assert.equal(answer.status, 401);
      assert.equal(answer.json.error.code, "AuthenticationFailedInvalidHeader");
    }
  });

  it("asks the factory's audience predicate", async () => {
    const strict = await startTrialCloud({ isAudience: () => false });
    const answer = await strict.send("GET", target);
    await strict.close();
    assert.equal(answer.json.error.code, "InvalidAuthenticationTokenAudience");
  });
});

describe("paths and queries", () => {
  const cases: readonly (readonly [string, string, number, string])[] = [
    ["GET", "/subscriptions", 400, "MissingApiVersionParameter"],
    ["GET", "/subscriptions?api-version=", 400, "MissingApiVersionParameter"],
    ["GET", "/subscriptions?api-version=latest", 400, "InvalidApiVersionParameter"],
    ["GET", "/subscriptions?api-version=2022-13-01", 400, "InvalidApiVersionParameter"],
    ["GET", "/subscriptions/not-a-guid?api-version=2022-12-01", 400, "InvalidSubscriptionId"],
    ["GET", "/subscriptions/not-a-guid/resourcegroups?api-version=2022-12-01", 400, "InvalidSubscriptionId"],
    [
      "GET",
      "/subscriptions/not-a-guid/providers/Microsoft.Authorization/roleAssignments?api-version=2022-04-01",
      400,
      "InvalidSubscriptionId",
    ],
    ["GET", `${sub}/resourcegroups/a%2Fb?api-version=2021-04-01`, 400, "InvalidRequestUri"],
    ["GET", `${sub}/resourcegroups/%zz?api-version=2021-04-01`, 400, "InvalidRequestUri"],
    ["GET", `${sub}/resourcegroups/%00?api-version=2021-04-01`, 400, "InvalidRequestUri"],
    ["GET", `${sub}/resourcegroups/../x?api-version=2021-04-01`, 400, "InvalidRequestUri"],
    ["GET", `${sub}/resourcegroups/a%25b?api-version=2021-04-01`, 400, "InvalidRequestUri"],
    ["GET", `/${"x".repeat(5000)}?api-version=2021-04-01`, 400, "InvalidRequestUri"],
    ["DELETE", "/subscriptions?api-version=2022-12-01", 405, "MethodNotAllowed"],
    ["GET", "/nothing?api-version=2022-12-01", 404, "NotFound"],
    [
      "GET",
      `${sub}/resourcegroups/rg/providers/Contoso.Things/things?api-version=2022-12-01`,
      404,
      "InvalidResourceNamespace",
    ],
    ["GET", `${sub}/providers/Microsoft.Storage/nothings?api-version=2022-12-01`, 404, "InvalidResourceType"],
    ["GET", `${sub}/providers/Microsoft.KeyVault/vaults?api-version=2022-12-01`, 501, "NotImplemented"],
    ["GET", `${sub}/providers/Microsoft.Authorization/locks?api-version=2022-12-01`, 501, "NotImplemented"],
    ["GET", `${sub}/providers/Microsoft.Insights/metricAlerts?api-version=2018-03-01`, 501, "NotImplemented"],
    ["POST", `${sub}/resourcegroups/rg/exportTemplate?api-version=2021-04-01`, 501, "NotImplemented"],
    ["GET", "/subscriptions/88888888-8888-8888-8888-888888888888?api-version=2022-12-01", 404, "SubscriptionNotFound"],
    ["GET", `${sub}/resourcegroups?api-version=2022-12-01&$filter=name%20ne%20'x'`, 400, "InvalidFilterInQueryString"],
    [
      "GET",
      `${sub}/resourcegroups?api-version=2022-12-01&$filter=tagName%20eq%20'x'%20and%20`,
      400,
      "InvalidFilterInQueryString",
    ],
    [
      "GET",
      `${sub}/resourcegroups?api-version=2022-12-01&$filter=tagValue%20eq%20'x'`,
      400,
      "InvalidFilterInQueryString",
    ],
    ["GET", `${sub}/resourcegroups?api-version=2022-12-01&$top=-1`, 400, "InvalidQueryParameter"],
    ["GET", `${sub}/resourcegroups?api-version=2022-12-01&$skiptoken=%21%21`, 400, "InvalidQueryParameter"],
    ["GET", `${sub}/operationresults/88888888-8888-8888-8888-888888888888?api-version=2022-12-01`, 404, "NotFound"],
  ];
  for (const [method, target, status, code] of cases) {
    it(`answers ${method} ${target.slice(0, 110)} with ${status} ${code}`, async () => {
      const answer = await arm.send(method, target);
      assert.equal(answer.status, status, answer.text);
      assert.equal(answer.json.error.code, code);
      assert.doesNotMatch(answer.text, /at .*\.ts:/);
    });
  }

  it("takes double slashes, a slash at the end, and any case", async () => {
    for (const path of [`/${sub}`, `${sub}/`, sub.toUpperCase(), `//subscriptions//${trial.subscriptionId}`]) {
      const answer = await arm.send("GET", `${path}?Api-Version=2022-12-01`);
      assert.equal(answer.status, 200, path);
      assert.equal(answer.json.displayName, "Postern");
    }
  });

  it("takes api-versions of every age and the preview ones", async () => {
    for (const version of [
      "2014-04-01-preview",
      "2015-01-01",
      "2016-06-01",
      "2024-11-01",
      "2018-09-01-preview",
      "2026-12-31",
    ]) {
      assert.equal((await arm.send("GET", `/tenants?api-version=${version}`)).status, 200, version);
    }
  });

  it("sends the headers of every answer", async () => {
    const id = "12345678-1234-4234-8234-123456789012";
    const { headers } = await arm.send("GET", "/tenants?api-version=2022-12-01", {
      headers: { "x-ms-correlation-request-id": id, "x-ms-client-request-id": id },
    });
    assert.equal(headers["x-ms-request-id"], "99999999-9999-4999-8999-999999999999");
    assert.equal(headers["x-ms-correlation-request-id"], id);
    assert.equal(headers["x-ms-client-request-id"], id);
    assert.equal(headers["x-ms-routing-request-id"], "POSTERN:20260102T030405Z:99999999-9999-4999-8999-999999999999");
    assert.equal(headers["cache-control"], "no-cache");
  });
});

describe("bodies", () => {
  const target = `${sub}/resourcegroups/bad?api-version=2021-04-01`;
  const cases: readonly (readonly [string, string])[] = [
    ["", "nothing"],
    ["{", "broken JSON"],
    ["[]", "an array"],
    ["null", "null"],
    ['"x"', "a string"],
    ['{"location":5}', "a number for a string"],
    ['{"location":"westeurope","tags":["a"]}', "an array for an object"],
    ['{"location":"westeurope","tags":{"a":1}}', "a number for a tag"],
    [`${'{"a":'.repeat(100)}1${"}".repeat(100)}`, "too deep"],
  ];
  for (const [rawBody, what] of cases) {
    it(`refuses ${what}`, async () => {
      const answer = await arm.send("PUT", target, { rawBody });
      assert.equal(answer.status, 400);
      assert.equal(answer.json.error.code, "InvalidRequestContent");
    });
  }

  it("refuses one over 4 MB before reading it", async () => {
    const answer = await arm.send("PUT", target, { rawBody: `{"location":"${"x".repeat(4 * 1024 * 1024)}"}` });
    assert.equal(answer.status, 413);
    assert.equal(answer.json.error.code, "RequestContentTooLarge");
  });

  it("wrote nothing of all that", () => {
    assert.equal(arm.cloud.model.resourceGroups.size, 0);
  });
});

describe("decisions", () => {
  it("are recorded with the operation's name", async () => {
    const before = arm.cloud.recorder.accesses().length;
    await arm.send("GET", `${sub}/resourcegroups/rg?api-version=2021-04-01`, { as: trial.app });
    const record = arm.cloud.recorder.accesses().at(-1)!;
    assert.equal(arm.cloud.recorder.accesses().length, before + 1);
    assert.equal(record.operation, "Get resource group");
    assert.equal(record.decision.isAllowed, false);
  });
});

describe("cloud metadata", () => {
  it("is one object today, a list before, a short object in 2015", async () => {
    const get = async (version: string) =>
      (await arm.send("GET", `//metadata/endpoints?api-version=${version}`, { as: null })).json;
    assert.equal((await get("2022-09-01")).authentication.loginEndpoint, "https://login.microsoftonline.com");
    assert.equal((await get("2019-05-01"))[0].name, "AzureCloud");
    assert.equal((await get("2015-01-01")).authentication.loginEndpoint, "https://login.microsoftonline.com/");
  });

  it("leads to where the client found us", async () => {
    arm.origin = "https://localhost:10443";
    const { json } = await arm.send("GET", "/metadata/endpoints?api-version=2022-09-01", { as: null });
    arm.origin = "https://management.azure.com";
    assert.equal(json.resourceManager, "https://localhost:10443/");
    assert.equal(json.authentication.loginEndpoint, "https://localhost:10443");
    assert.equal(json.microsoftGraphResourceId, "https://localhost:10443/");
  });
});
