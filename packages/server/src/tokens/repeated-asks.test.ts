import assert from "node:assert/strict";
import { test } from "node:test";
import type { ServicePrincipal } from "../state/entities.ts";
import type { AppId } from "../state/identifiers.ts";
import type { Resource } from "./audiences.ts";
import { type AppAsk, RepeatedAsks } from "./repeated-asks.ts";

const grounds = { revision: 1, kid: "one" };
const makePrincipal = () => ({}) as ServicePrincipal;
const resource: Resource = { kind: "arm", audience: "https://management.azure.com", appId: "arm" as AppId };
const ask: AppAsk = {
  servicePrincipal: makePrincipal(),
  resource,
  proof: "1",
  credential: "secret one",
  canHandleChallenge: false,
};

test("the same is found again, and what differs in anything is another", () => {
  const asks = new RepeatedAsks<string>();
  const first = asks.find(grounds, ask);
  first.draft = "draft";
  assert.equal(asks.find({ ...grounds }, { ...ask, resource: { ...resource } }), first);
  const others: AppAsk[] = [
    { ...ask, servicePrincipal: makePrincipal() },
    { ...ask, credential: "secret two" },
    { ...ask, proof: "2" },
    { ...ask, canHandleChallenge: true },
    { ...ask, resource: { ...resource, kind: "own-origin" } },
    { ...ask, resource: { ...resource, audience: `${resource.audience}/` } },
    { ...ask, resource: { ...resource, appId: "other" as AppId } },
  ];
  for (const other of others) {
    const fresh = new RepeatedAsks<string>();
    fresh.find(grounds, ask).draft = "draft";
    assert.equal(fresh.find(grounds, other).draft, undefined);
  }
});

test("nothing outlasts the directory as it was, or the key", () => {
  for (const other of [
    { revision: 2, kid: "one" },
    { revision: 1, kid: "two" },
  ]) {
    const asks = new RepeatedAsks<string>();
    asks.find(grounds, ask).draft = "draft";
    assert.equal(asks.find(other, ask).draft, undefined);
    assert.equal(asks.find(grounds, ask).draft, undefined, "nor does it come back with them");
  }
});

test("an application has four, and there are a thousand applications", () => {
  const asks = new RepeatedAsks<string>();
  const named = (credential: string) => asks.find(grounds, { ...ask, credential });
  for (const credential of ["a", "b", "c", "d"]) named(credential).draft = credential;
  assert.equal(named("a").draft, "a");
  named("e");
  assert.deepEqual([named("b").draft, named("d").draft], ["b", "d"]);
  assert.equal(named("a").draft, undefined);
  for (let count = 0; count < 1024; count += 1) asks.find(grounds, { ...ask, servicePrincipal: makePrincipal() });
  assert.equal(named("d").draft, undefined);
});
