import assert from "node:assert/strict";
import { test } from "node:test";
import { matchPath } from "./match.ts";

const pattern = "/portal/resource-groups/:subscriptionId/:group";

test("parameters are read and decoded", () => {
  assert.deepEqual(matchPath(pattern, "/portal/resource-groups/s1/my%20group"), {
    subscriptionId: "s1",
    group: "my group",
  });
  assert.deepEqual(matchPath("/portal", "/portal/"), {});
});

test("another number of segments, another word, or an escape that is none, matches nothing", () => {
  for (const path of [
    "/portal/resource-groups/s1",
    "/portal/resource-groups/s1/g/more",
    "/portal/Resource-groups/s1/g",
    "/portal/resource-groups/s1/%E0%A4%A",
  ]) {
    assert.equal(matchPath(pattern, path), undefined, path);
  }
});

test("an encoded slash stays in its segment, and a last parameter with a star takes the rest", () => {
  assert.equal(matchPath(pattern, "/portal/resource-groups/s1/a%2Fb")?.group, "a/b");
  assert.deepEqual(matchPath("/portal/blobs/:container/:path*", "/portal/blobs/c/a/b%20c/d"), {
    container: "c",
    path: "a/b c/d",
  });
  assert.equal(matchPath("/portal/blobs/:container/:path*", "/portal/blobs/c"), undefined);
});
