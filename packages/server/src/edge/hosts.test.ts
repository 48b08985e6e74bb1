import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  certificateDnsNames,
  findHost,
  isAzureHost,
  permittedDomains,
  type Route,
  type RouteRefusal,
  reservedAccountNames,
  route,
} from "./hosts.ts";

const tenant = "3f0a1e6c-5b7d-4d57-9f5a-0a2b4c6d8e10";

/** Host, target -> surface, origin, account, prefix, path, query. */
const routed: [string, string, string, string, string, string, string, string][] = [
  // by host
  [
    "login.microsoftonline.com",
    `/${tenant}/oauth2/v2.0/token?a=1`,
    "entra",
    "https://login.microsoftonline.com",
    "",
    "",
    `/${tenant}/oauth2/v2.0/token`,
    "a=1",
  ],
  ["login.microsoft.com", "/", "entra", "https://login.microsoft.com", "", "", "/", ""],
  ["login.windows.net", "/common", "entra", "https://login.windows.net", "", "", "/common", ""],
  ["sts.windows.net", "/x", "entra", "https://sts.windows.net", "", "", "/x", ""],
  ["graph.microsoft.com", "/v1.0/me", "graph", "https://graph.microsoft.com", "", "", "/v1.0/me", ""],
  ["main.iam.ad.ext.azure.com", "/api/x", "iam", "https://main.iam.ad.ext.azure.com", "", "", "/api/x", ""],
  ["management.azure.com", "/subscriptions", "arm", "https://management.azure.com", "", "", "/subscriptions", ""],
  [
    "management.core.windows.net",
    "/subscriptions",
    "arm",
    "https://management.core.windows.net",
    "",
    "",
    "/subscriptions",
    "",
  ],
  ["acct.blob.core.windows.net", "/c/b", "blob", "https://acct.blob.core.windows.net", "acct", "", "/c/b", ""],
  [
    "acct-secondary.blob.core.windows.net",
    "/c/b",
    "blob",
    "https://acct-secondary.blob.core.windows.net",
    "acct-secondary",
    "",
    "/c/b",
    "",
  ],
  ["acct.z6.web.core.windows.net", "/a//b?x", "web", "https://acct.z6.web.core.windows.net", "acct", "", "/a//b", "x"],
  // ways of writing the host
  ["Management.Azure.COM", "/x", "arm", "https://management.azure.com", "", "", "/x", ""],
  ["management.azure.com.", "/x", "arm", "https://management.azure.com", "", "", "/x", ""],
  ["management.azure.com:443", "/x", "arm", "https://management.azure.com", "", "", "/x", ""],
  ["management.azure.com:8443", "/x", "arm", "https://management.azure.com:8443", "", "", "/x", ""],
  ["ACCT.blob.core.windows.net", "/C/B", "blob", "https://acct.blob.core.windows.net", "acct", "", "/C/B", ""],
  // leading slashes: collapsed for JSON planes, kept for blobs, whose names may begin with one
  [
    "management.azure.com",
    "//subscriptions/s?x=//y",
    "arm",
    "https://management.azure.com",
    "",
    "",
    "/subscriptions/s",
    "x=//y",
  ],
  ["graph.microsoft.com", "///v1.0//me", "graph", "https://graph.microsoft.com", "", "", "/v1.0//me", ""],
  ["acct.blob.core.windows.net", "//c//b", "blob", "https://acct.blob.core.windows.net", "acct", "", "//c//b", ""],
  // escapes and queries stay as they came
  [
    "acct.blob.core.windows.net",
    "/c/%2e%2E/a%20b?comp=list?&x=%00",
    "blob",
    "https://acct.blob.core.windows.net",
    "acct",
    "",
    "/c/%2e%2E/a%20b",
    "comp=list?&x=%00",
  ],
  ["acct.blob.core.windows.net", "/?", "blob", "https://acct.blob.core.windows.net", "acct", "", "/", ""],
  // absolute-form: its own host counts
  [
    "evil.example",
    "https://graph.microsoft.com/v1.0/me?x",
    "graph",
    "https://graph.microsoft.com",
    "",
    "",
    "/v1.0/me",
    "x",
  ],
  ["", "HTTPS://Graph.Microsoft.com:443", "graph", "https://graph.microsoft.com", "", "", "/", ""],
  [
    "x",
    "https://acct.blob.core.windows.net?comp=list",
    "blob",
    "https://acct.blob.core.windows.net",
    "acct",
    "",
    "/",
    "comp=list",
  ],
  ["x", "https://localhost:1/acct//b", "blob", "https://localhost:1", "acct", "/acct", "//b", ""],
  // by path
  ["localhost:8443", "/v1.0/me", "graph", "https://localhost:8443", "", "", "/v1.0/me", ""],
  ["127.0.0.1:8443", "/beta/me", "graph", "https://127.0.0.1:8443", "", "", "/beta/me", ""],
  ["[::1]:8443", "/Subscriptions/s", "arm", "https://[::1]:8443", "", "", "/Subscriptions/s", ""],
  ["localhost", "/providers/x", "arm", "https://localhost", "", "", "/providers/x", ""],
  ["localhost", "/tenants?api-version=1", "arm", "https://localhost", "", "", "/tenants", "api-version=1"],
  ["localhost", "//metadata/endpoints", "arm", "https://localhost", "", "", "/metadata/endpoints", ""],
  [
    "localhost",
    `/${tenant.toUpperCase()}/v2.0`,
    "entra",
    "https://localhost",
    "",
    "",
    `/${tenant.toUpperCase()}/v2.0`,
    "",
  ],
  ["localhost", "/contoso.onmicrosoft.com/x", "entra", "https://localhost", "", "", "/contoso.onmicrosoft.com/x", ""],
  ["localhost", "/common/x", "entra", "https://localhost", "", "", "/common/x", ""],
  ["localhost", "/Organizations/x", "entra", "https://localhost", "", "", "/Organizations/x", ""],
  ["localhost", "/consumers", "entra", "https://localhost", "", "", "/consumers", ""],
  ["localhost", "/adfs/oauth2/token", "entra", "https://localhost", "", "", "/adfs/oauth2/token", ""],
  ["localhost", "/portal", "portal", "https://localhost", "", "", "/portal", ""],
  ["localhost", "/portal/a.js", "portal", "https://localhost", "", "", "/portal/a.js", ""],
  ["localhost", "/postern/status", "postern", "https://localhost", "", "", "/postern/status", ""],
  ["localhost", "/healthz", "postern", "https://localhost", "", "", "/healthz", ""],
  ["localhost", "/readyz?x", "postern", "https://localhost", "", "", "/readyz", "x"],
  ["localhost", "/", "postern", "https://localhost", "", "", "/", ""],
  ["localhost", "/devstore1/c/b", "blob", "https://localhost", "devstore1", "/devstore1", "/c/b", ""],
  ["localhost", "/devstore1", "blob", "https://localhost", "devstore1", "/devstore1", "/", ""],
  ["localhost", "/devstore1/?comp=list", "blob", "https://localhost", "devstore1", "/devstore1", "/", "comp=list"],
  ["localhost", "/devstore1//c", "blob", "https://localhost", "devstore1", "/devstore1", "//c", ""],
  [
    "localhost",
    "/devstore1-secondary/c",
    "blob",
    "https://localhost",
    "devstore1-secondary",
    "/devstore1-secondary",
    "/c",
    "",
  ],
];

test("every kind of request goes to its surface, in its own words", () => {
  for (const [host, target, surface, origin, account, prefix, path, query] of routed) {
    assert.deepEqual(route({ host, target }), { surface, origin, account, prefix, path, query }, `${host} ${target}`);
  }
});

const refused: [string, string, RouteRefusal][] = [
  ["", "/x", "bad-host"],
  ["user@graph.microsoft.com", "/x", "bad-host"],
  ["graph.microsoft.com, evil.example", "/x", "bad-host"],
  ["graph.microsoft.com", "https:///x", "bad-host"],
  ["graph.microsoft.com", "https://user@graph.microsoft.com/x", "bad-host"],
  ["evil.example", "/v1.0/me", "unknown-host"],
  ["graph.microsoft.com.evil.example", "/v1.0/me", "unknown-host"],
  ["blob.core.windows.net", "/c", "unknown-host"],
  ["a.b.blob.core.windows.net", "/c", "unknown-host"],
  ["acct_x.blob.core.windows.net", "/c", "unknown-host"],
  ["acct.dfs.core.windows.net", "/c", "unknown-host"],
  ["acct.z7.web.core.windows.net", "/c", "unknown-host"],
  ["acct.web.core.windows.net", "/c", "unknown-host"],
  ["a.b.z6.web.core.windows.net", "/c", "unknown-host"],
  ["z6.web.core.windows.net", "/c", "unknown-host"],
  ["127.0.0.2", "/c", "unknown-host"],
  ["graph.microsoft.com", "https://evil.example/x", "unknown-host"],
  ["graph.microsoft.com", "http://graph.microsoft.com/x", "not-https"],
  ["graph.microsoft.com", "ftp://graph.microsoft.com/x", "not-https"],
  ["graph.microsoft.com", "*", "bad-target"],
  ["graph.microsoft.com", "graph.microsoft.com:443", "bad-target"],
  ["graph.microsoft.com", "", "bad-target"],
  ["graph.microsoft.com", "?x", "bad-target"],
  ["graph.microsoft.com", "/x#y", "bad-target"],
  ["graph.microsoft.com", "/x y", "bad-target"],
  ["graph.microsoft.com", "/x\u00e9", "bad-target"],
  ["graph.microsoft.com", "/x\u0000", "bad-target"],
  ["localhost", "//devstore1/c", "unknown-path"],
  ["localhost", "/ab/c", "unknown-path"],
  ["localhost", "/DevStore1/c", "unknown-path"],
  ["localhost", `/${"a".repeat(25)}/c`, "unknown-path"],
  ["localhost", "/../x", "unknown-path"],
  ["localhost", "/./x", "unknown-path"],
  ["localhost", "/%76%31.0/me", "unknown-path"],
  ["localhost", "/dev_store/x", "unknown-path"],
];

test("what belongs to no surface says why", () => {
  for (const [host, target, reason] of refused)
    assert.deepEqual(route({ host, target }), { refused: reason }, `${host} ${target}`);
});

test("account names that a path root would shadow are reserved, and all others reach the blob surface", () => {
  assert.deepEqual([...reservedAccountNames].sort(), [
    "adfs",
    "beta",
    "common",
    "consumers",
    "healthz",
    "metadata",
    "organizations",
    "portal",
    "postern",
    "providers",
    "readyz",
    "subscriptions",
    "tenants",
  ]);
  const name = fc.stringMatching(/^[a-z0-9]{3,24}$/);
  fc.assert(
    fc.property(name, (account) => {
      const found = route({ host: "localhost", target: `/${account}/c` });
      assert.equal("surface" in found && found.surface === "blob", !reservedAccountNames.has(account));
    }),
  );
});

test("no request makes the router throw, and a blob's path comes through byte for byte", () => {
  const host = fc.oneof(fc.string(), fc.constantFrom("localhost", "acct.blob.core.windows.net", "graph.microsoft.com"));
  fc.assert(fc.property(host, fc.string(), (h, target) => typeof route({ host: h, target }) === "object"));
  const rawPath = fc.stringMatching(/^(?:\/[!-"$->@-~]*){1,4}$/);
  fc.assert(
    fc.property(rawPath, fc.stringMatching(/^[!-"$-~]*$/), (path, query) => {
      const byHost = route({ host: "acct.blob.core.windows.net", target: `${path}?${query}` }) as Route;
      assert.deepEqual([byHost.path, byHost.query], [path, query]);
      const byPath = route({ host: "localhost", target: `/devstore1${path}?${query}` }) as Route;
      assert.deepEqual([byPath.prefix, byPath.path, byPath.query], ["/devstore1", path, query]);
    }),
  );
});

test("certificates name every host that is served, and the CA may certify no more than those", () => {
  for (const name of certificateDnsNames) {
    const host = name.replace("*", "acct");
    assert.notEqual(findHost(host).kind, "unknown", host);
    assert.ok(
      permittedDomains.some((domain) => host === domain || host.endsWith(`.${domain}`)),
      host,
    );
  }
  for (const domain of permittedDomains)
    assert.ok(certificateDnsNames.includes(domain) || certificateDnsNames.includes(`*.${domain}`));
  assert.equal(isAzureHost("localhost"), false);
  assert.equal(isAzureHost("acct.blob.core.windows.net"), true);
});
