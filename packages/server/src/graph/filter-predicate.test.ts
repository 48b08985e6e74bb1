import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { put } from "../state/change.ts";
import type { Application, ServicePrincipal } from "../state/entities.ts";
import { ReadModel } from "../state/read-model.ts";
import { application, sampleChanges, servicePrincipal } from "../tokens/sample-directory.ts";
import { applicationType } from "./application-type.ts";
import { parseFilter } from "./filter.ts";
import { candidatesOf } from "./filter-plan.ts";
import { compileFilter } from "./filter-predicate.ts";
import { GraphRefusal } from "./graph-fault.ts";
import type { ResourceType } from "./resource-type.ts";
import { servicePrincipalType } from "./service-principal-type.ts";
import { userType } from "./user-type.ts";

const names = ["alpha", "Alpha", "ALPHABET", "beta", "o'neil", ""];
const tags = ["dev", "prod", "Dev"];
const guids = Array.from({ length: 6 }, (_, index) => `aaaaaaaa-0000-4000-8000-00000000010${index}`);

function makeModel(rows: readonly Application[]): ReadModel {
  const model = new ReadModel([]);
  for (const change of sampleChanges) if (change.kind === "tenant") model.apply(change);
  for (const row of rows) {
    model.apply(put("application", row));
    model.apply(put("servicePrincipal", { ...servicePrincipal, id: row.id as never, appId: row.appId }));
  }
  return model;
}

const rows: fc.Arbitrary<Application[]> = fc
  .uniqueArray(
    fc.record({
      guid: fc.constantFrom(...guids),
      displayName: fc.constantFrom(...names),
      tags: fc.subarray(tags),
      identifierUris: fc.subarray(["api://a", "api://B"]),
    }),
    { selector: ({ guid }) => guid },
  )
  .map((list) =>
    list.map(({ guid, ...properties }) => ({
      ...application,
      ...properties,
      id: guid as Application["id"],
      appId: guid.replace("0000-4000", "1111-4000") as Application["appId"],
    })),
  );

/** A filter as text, with what it means worked out on plain values: the naive oracle. */
type Claim = { readonly text: string; readonly holds: (row: Application) => boolean; readonly depth: number };

const quote = (value: string) => `'${value.replaceAll("'", "''")}'`;
const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();

const leaf: fc.Arbitrary<Claim> = fc.oneof(
  fc.constantFrom(...names).map((name) => ({
    text: `displayName eq ${quote(name)}`,
    holds: (row: Application) => same(row.displayName, name),
    depth: 0,
  })),
  fc.constantFrom(...names).map((name) => ({
    text: `DisplayName ne ${quote(name)}`,
    holds: (row: Application) => !same(row.displayName, name),
    depth: 0,
  })),
  fc.constantFrom(...guids).map((guid) => ({
    text: `id eq ${quote(guid.toUpperCase())}`,
    holds: (row: Application) => row.id === guid,
    depth: 0,
  })),
  fc.constantFrom("a", "AL", "o'", "").map((prefix) => ({
    text: `startswith(displayName,${quote(prefix)})`,
    holds: (row: Application) => row.displayName.toLowerCase().startsWith(prefix.toLowerCase()),
    depth: 0,
  })),
  fc.constantFrom("A", "bet", "").map((suffix) => ({
    text: `endswith(displayName,${quote(suffix)})`,
    holds: (row: Application) => row.displayName.toLowerCase().endsWith(suffix.toLowerCase()),
    depth: 0,
  })),
  fc.subarray(names, { minLength: 1 }).map((list) => ({
    text: `displayName in (${list.map(quote).join(",")})`,
    holds: (row: Application) => list.some((name) => same(row.displayName, name)),
    depth: 0,
  })),
  fc.constantFrom(...tags).map((tag) => ({
    text: `tags/any(t:t eq ${quote(tag)})`,
    holds: (row: Application) => row.tags.some((item) => same(item, tag)),
    depth: 1,
  })),
  fc.constantFrom("api://A", "api://b").map((uri) => ({
    text: `identifierUris/any(s:s eq ${quote(uri)})`,
    holds: (row: Application) => row.identifierUris.some((item) => same(item, uri)),
    depth: 1,
  })),
  fc.constantFrom("d", "P").map((prefix) => ({
    text: `tags/all(t:startswith(t,${quote(prefix)}))`,
    holds: (row: Application) => row.tags.every((item) => item.toLowerCase().startsWith(prefix.toLowerCase())),
    depth: 1,
  })),
  fc.constant({ text: "tags/$count eq 0", holds: (row: Application) => row.tags.length === 0, depth: 0 }),
  fc.constant({
    text: "identifierUris/$count ne 1",
    holds: (row: Application) => row.identifierUris.length !== 1,
    depth: 0,
  }),
  fc.constant({ text: "tags/any()", holds: (row: Application) => row.tags.length > 0, depth: 1 }),
  fc.constant({ text: "signInAudience eq null", holds: () => false, depth: 0 }),
);

const { claim } = fc.letrec<{ claim: Claim }>((tie) => ({
  claim: fc.oneof(
    { depthSize: "small" },
    leaf,
    fc.tuple(tie("claim"), tie("claim")).map(([a, b]) => ({
      text: `(${a.text}) and (${b.text})`,
      holds: (row: Application) => a.holds(row) && b.holds(row),
      depth: 1 + Math.max(a.depth, b.depth),
    })),
    fc.tuple(tie("claim"), tie("claim")).map(([a, b]) => ({
      text: `(${a.text}) or (${b.text})`,
      holds: (row: Application) => a.holds(row) || b.holds(row),
      depth: 1 + Math.max(a.depth, b.depth),
    })),
    tie("claim").map((a) => ({
      text: `not (${a.text})`,
      holds: (row: Application) => !a.holds(row),
      depth: 2 + a.depth,
    })),
  ),
}));

/** The application's type, with a name that may be asked for its end: no property of an application may. */
const searchable: ResourceType<Application> = {
  ...applicationType,
  filters: {
    ...applicationType.filters,
    displayName: { kind: "text", read: (row) => row.displayName, canEndWith: true },
  },
};

/** What the surface answers for a filter: candidates by index when there are some, the predicate on top. */
function select<Row>(type: ResourceType<Row>, filter: string, model: ReadModel, all: readonly Row[]): Row[] {
  const node = parseFilter(filter);
  const predicate = compileFilter(type, node, true);
  return (candidatesOf(type, node, model) ?? all).filter((row) => predicate(row, { model }));
}

test("a filter selects what a naive reading of it selects, with the indexes and without", () => {
  fc.assert(
    fc.property(rows, claim, (list, { text, holds, depth }) => {
      fc.pre(depth < 30 && text.length < 4000);
      const model = makeModel(list);
      const expected = list.filter(holds).map((row) => row.id);
      const found = select(searchable, text, model, list).map((row) => row.id);
      assert.deepEqual(found.sort(), expected.sort());
    }),
    { numRuns: 500 },
  );
});

test("a principal is found by every name of its own and of its application", () => {
  const model = makeModel([{ ...application, identifierUris: ["api://Notes"] }]);
  const all = [...model.servicePrincipals.values()];
  const find = (name: string): ServicePrincipal[] =>
    select(servicePrincipalType, `servicePrincipalNames/any(c:c eq '${name}')`, model, all);
  assert.equal(find(application.appId).length, 1);
  assert.equal(find(application.appId.toUpperCase()).length, 1);
  assert.equal(find("API://notes").length, 1);
  assert.equal(find(all[0]!.id).length, 0, "not by its object id");
});

test("an equality on an indexed property is looked up, not scanned for", () => {
  const model = makeModel([application]);
  for (const filter of [
    `appId eq '${application.appId}'`,
    `displayName eq 'notes' and startswith(displayName,'n')`,
    `displayName eq 'a' or displayName eq 'notes'`,
    `identifierUris/any(s:s eq 'api://x')`,
  ])
    assert.notEqual(candidatesOf(applicationType, parseFilter(filter), model), undefined, filter);
  for (const filter of ["startswith(displayName,'n')", "displayName eq 'notes' or startswith(displayName,'n')"])
    assert.equal(candidatesOf(applicationType, parseFilter(filter), model), undefined, filter);
});

const faultOf = (filter: string, isAdvanced: boolean, type: unknown = applicationType) => {
  try {
    compileFilter(type as ResourceType<never>, parseFilter(filter), isAdvanced);
  } catch (error) {
    assert.ok(error instanceof GraphRefusal, String(error));
    return error.fault;
  }
  return undefined;
};

const refused: readonly [string, string][] = [
  ["nickname eq 'x'", "property-unknown"],
  ["notes eq 'x'", "filter-unsupported"],
  ["contains(displayName,'x')", "filter-unsupported"],
  ["displayName gt 'x'", "filter-unsupported"],
  ["startswith(appId,'x')", "filter-unsupported"],
  ["tags eq 'x'", "filter-unsupported"],
  ["tags/any(t:t/x eq 'y')", "filter-unsupported"],
  ["displayName/any(t:t eq 'y')", "filter-unsupported"],
  ["tags/any(t:displayName eq 'y')", "property-unknown"],
  ["tags/any(t:t/any(u:u eq 'x'))", "filter-unsupported"],
  ["displayName eq 5", "filter-types"],
  ["displayName eq true", "filter-types"],
  ["createdDateTime ge 'yesterday'", "filter-types"],
  ["appId eq 'not-a-guid'", "body-property-invalid"],
  ["startswith(displayName,null)", "filter-unsupported"],
  ["passwordCredentials/any(p:p/hint eq 'abc')", "filter-unsupported"],
  ["passwordCredentials/any(p:p/secretHash eq 'abc')", "filter-unsupported"],
];

for (const [filter, kind] of refused)
  test(`refuses ${filter}`, () => {
    assert.equal(faultOf(filter, true)?.kind, kind);
  });

test("nobody filters by a person's password", () => {
  const kindOf = (property: string) => faultOf(`${property} eq 'x'`, true, userType as never)?.kind;
  assert.equal(kindOf("passwordHash"), "property-unknown");
  assert.equal(kindOf("passwordProfile"), "filter-unsupported");
  assert.equal(kindOf("passwordProfile/password"), "filter-unsupported");
});

test("what only Graph's index can answer needs its header", () => {
  for (const [filter, operator] of [
    ["displayName ne 'x'", "NotEqualsMatch"],
    ["not displayName eq 'x'", "Not"],
    ["endswith(displayName,'x')", "endsWith"],
    ["tags/all(t:t eq 'x')", "All"],
    ["displayName eq null", "EqualsMatch"],
  ] as const) {
    assert.deepEqual(faultOf(filter, false, searchable), { kind: "query-needs-consistency-level", operator }, filter);
    assert.equal(faultOf(filter, true, searchable), undefined, filter);
  }
});

test("some properties are filtered through the index only, and endsWith is for few", () => {
  const user = userType as never;
  for (const filter of [
    "mobilePhone eq '1'",
    "startswith(officeLocation,'x')",
    "createdDateTime ge 2026-01-01",
    "otherMails/$count eq 0",
  ]) {
    assert.equal(faultOf(filter, false, user)?.kind, "filter-unsupported", filter);
    assert.equal(faultOf(filter, true, user), undefined, filter);
  }
  for (const filter of [
    "endswith(mail,'x')",
    "endswith(userPrincipalName,'x')",
    "proxyAddresses/any(p:endswith(p,'x'))",
  ])
    assert.equal(faultOf(filter, true, user), undefined, filter);
  for (const filter of ["endswith(displayName,'x')", "otherMails/$count eq 2", "otherMails/$count ge 0", "$count eq 0"])
    assert.notEqual(faultOf(filter, true, user), undefined, filter);
});

test("times compare as instants", () => {
  const model = makeModel([{ ...application, createdDateTime: "2026-03-01T12:00:00.500Z" }]);
  const all = [...model.applications.values()];
  const count = (filter: string) => select(applicationType, filter, model, all).length;
  assert.equal(count("createdDateTime ge 2026-03-01T13:00:00+01:00"), 1);
  assert.equal(count("createdDateTime le 2026-03-01T11:59:59Z"), 0);
  assert.equal(count("createdDateTime eq 2026-03-01T12:00:00Z"), 1);
});

test("a secret is found by its key", () => {
  const keyId = "bbbbbbbb-0000-4000-8000-00000000000a";
  const password = { keyId, displayName: null, hint: "abc", startDateTime: "", endDateTime: "", secretHash: "" };
  const model = makeModel([{ ...application, passwordCredentials: [password as never] }]);
  const all = [...model.applications.values()];
  assert.equal(select(applicationType, `passwordCredentials/any(p:p/keyId eq ${keyId})`, model, all).length, 1);
});
