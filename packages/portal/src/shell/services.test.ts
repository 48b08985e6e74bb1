import assert from "node:assert/strict";
import { test } from "node:test";
import { routes } from "../pages/routes.ts";
import { matchPath } from "../router/match.ts";
import { findServices, services } from "./services.ts";

const namesOf = (words: string) => findServices(words).map(({ name }) => name);

test("services are found by the beginning of their names, by any of their words, and by what else they are called", () => {
  assert.equal(namesOf("app registrations")[0], "App registrations");
  assert.equal(namesOf("APP REG")[0], "App registrations");
  assert.ok(namesOf("iam").includes("Resource groups"));
  assert.ok(namesOf("blob").includes("Storage accounts"));
  assert.deepEqual(namesOf("no such thing"), []);
});

test("every service has a page", () => {
  for (const { name, path } of services)
    assert.ok(
      routes.some(({ pattern }) => matchPath(pattern, path) !== undefined),
      name,
    );
});
