/**
 * The patterns of Microsoft's Storage and delegation examples, in words of our own: each with asks it lets through and asks it stops.
 * @see https://learn.microsoft.com/azure/storage/blobs/storage-auth-abac-examples
 * @see https://learn.microsoft.com/azure/role-based-access-control/delegate-role-assignments-examples
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { blobTagAttribute, customSecurityAttribute, attributeNames as names } from "./catalogue.ts";
import { evaluateCondition, parseCondition } from "./condition.ts";
import type { AttributeRecord, ConditionInput } from "./inquiry.ts";
import { reviewCondition } from "./review.ts";

const BLOBS = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs";
const QUEUE_READ = "Microsoft.Storage/storageAccounts/queueServices/queues/messages/read";
const LIST = ["Blob.List"];
const WITH_TAGS = ["Blob.Write.WithTagHeaders"];

interface Ask {
  readonly verb: string;
  readonly subOperations?: readonly string[];
  readonly resource?: AttributeRecord;
  readonly request?: AttributeRecord;
  readonly principal?: AttributeRecord;
  readonly environment?: AttributeRecord;
}

/** As a surface asks: all sources are said, the operation's suboperations too. */
function inputOf({ verb, subOperations = [], resource = {}, request = {}, principal = {}, environment = {} }: Ask) {
  const operation = verb.startsWith("Microsoft.") ? verb : `${BLOBS}/${verb}`;
  const input: ConditionInput = { operation, subOperations, attributes: { resource, request, principal, environment } };
  return input;
}

function checkPattern(text: string, allowed: readonly Ask[], denied: readonly Ask[]): void {
  const result = parseCondition(text);
  assert.ok(result.isValid, JSON.stringify(result));
  assert.deepEqual(reviewCondition(result.condition), []);
  for (const ask of allowed) assert.ok(evaluateCondition(result.condition, inputOf(ask)).isTrue, JSON.stringify(ask));
  for (const ask of denied) assert.ok(!evaluateCondition(result.condition, inputOf(ask)).isTrue, JSON.stringify(ask));
  assert.ok(allowed.length > 0 && denied.length > 0);
}

const targets = (...verbs: string[]) => verbs.map((verb) => `!(ActionMatches{'${BLOBS}/${verb}'})`).join(" AND ");
const readsButLists = `!(ActionMatches{'${BLOBS}/read'} AND NOT SubOperationMatches{'Blob.List'})`;
const lists = `!(ActionMatches{'${BLOBS}/read'} AND SubOperationMatches{'Blob.List'})`;
const writesWithTags = `!(ActionMatches{'${BLOBS}/write'} AND SubOperationMatches{'Blob.Write.WithTagHeaders'})`;
const addsWithTags = `!(ActionMatches{'${BLOBS}/add/action'} AND SubOperationMatches{'Blob.Write.WithTagHeaders'})`;
const block = (targeting: string, requirement: string) => `((${targeting}) OR (${requirement}))`;
const tag = (source: string, key: string) => `@${source}[${blobTagAttribute(key)}]`;
const tagged = (key: string, value: string) => ({ [blobTagAttribute(key)]: value, [names.blobTagKeys]: [key] });
const inContainer = (name: string, path?: string) =>
  path === undefined ? { [names.containerName]: name } : { [names.containerName]: name, [names.blobPath]: path };

test("read blobs with a tag; its key counts case, lists are not meant", () => {
  checkPattern(
    block(readsButLists, `${tag("Resource", "Team")} StringEquals 'Red'`),
    [
      { verb: "read", resource: tagged("Team", "Red") },
      { verb: "read", subOperations: LIST },
      { verb: "write" },
      { verb: "delete" },
    ],
    [
      { verb: "read" },
      { verb: "READ", resource: tagged("Team", "red") },
      { verb: "read", resource: tagged("team", "Red") },
      { verb: "read", resource: tagged("Team", "Blue") },
    ],
  );
});

test("the same in the preview's spelling, for the suboperation that is deprecated", () => {
  const preview = "@Request[subOperation] ForAnyOfAnyValues:StringEqualsIgnoreCase {'Blob.Read.WithTagConditions'}";
  checkPattern(
    block(`!(ActionMatches{'${BLOBS}/read'} AND ${preview})`, `${tag("Resource", "Team")} StringEquals 'Red'`),
    [
      { verb: "read" },
      { verb: "read", subOperations: ["blob.read.withtagconditions"], resource: tagged("Team", "Red") },
    ],
    [{ verb: "read", subOperations: ["Blob.Read.WithTagConditions"], resource: tagged("Team", "Blue") }],
  );
});

test("new blobs must carry a tag", () => {
  checkPattern(
    block(`${writesWithTags} AND ${addsWithTags}`, `${tag("Request", "Team")} StringEquals 'Red'`),
    [
      { verb: "write", subOperations: WITH_TAGS, request: tagged("Team", "Red") },
      { verb: "add/action", subOperations: WITH_TAGS, request: tagged("Team", "Red") },
      { verb: "write", subOperations: ["Blob.Write.Tier"] },
      { verb: "read" },
    ],
    [
      { verb: "write", subOperations: WITH_TAGS },
      { verb: "write", subOperations: WITH_TAGS, request: tagged("Team", "Blue") },
      { verb: "add/action", subOperations: WITH_TAGS, request: tagged("team", "Red") },
      { verb: "write", subOperations: WITH_TAGS, resource: tagged("Team", "Red") },
    ],
  );
});

test("existing blobs keep to listed keys, and to listed values of a key", () => {
  const targeting = `${writesWithTags} AND ${targets("tags/write")}`;
  checkPattern(
    block(targeting, `@Request[${names.blobTagKeys}] ForAllOfAnyValues:StringEquals {'Team', 'Year'}`),
    [
      { verb: "tags/write", request: { [names.blobTagKeys]: ["Team"] } },
      { verb: "tags/write", request: { [names.blobTagKeys]: ["Year", "Team"] } },
    ],
    [
      { verb: "tags/write", request: { [names.blobTagKeys]: ["Team", "Other"] } },
      { verb: "tags/write", request: { [names.blobTagKeys]: ["team"] } },
      { verb: "tags/write", request: { [names.blobTagKeys]: [] } },
      { verb: "write", subOperations: WITH_TAGS },
    ],
  );
  checkPattern(
    block(
      targeting,
      `@Request[${names.blobTagKeys}] ForAnyOfAnyValues:StringEquals {'Team'} AND ${tag("Request", "Team")} ForAllOfAnyValues:StringEquals {'Red', 'Blue'}`,
    ),
    [{ verb: "tags/write", request: tagged("Team", "Blue") }],
    [
      { verb: "tags/write", request: tagged("Team", "Green") },
      { verb: "tags/write", request: tagged("Year", "Blue") },
    ],
  );
});

test("read, write or delete in named containers", () => {
  checkPattern(
    block(
      targets("read", "write", "add/action", "delete"),
      `@Resource[${names.containerName}] ForAnyOfAnyValues:StringEquals {'logs', 'drop'}`,
    ),
    [
      { verb: "read", resource: inContainer("logs") },
      { verb: "delete", resource: inContainer("drop") },
      { verb: "tags/read", resource: inContainer("else") },
    ],
    [
      { verb: "read", resource: inContainer("else") },
      { verb: "write", resource: inContainer("Logs") },
      { verb: "add/action" },
    ],
  );
});

test("read a path of a container by StringLike, and list it by its prefix", () => {
  const container = `@Resource[${names.containerName}] StringEquals 'logs'`;
  checkPattern(
    `${block(readsButLists, `${container} AND @Resource[${names.blobPath}] StringLike 'open/*'`)} AND ${block(lists, `${container} AND @Request[${names.blobPrefix}] StringStartsWith 'open/'`)}`,
    [
      { verb: "read", resource: inContainer("logs", "open/a/b.txt") },
      { verb: "read", subOperations: LIST, resource: inContainer("logs"), request: { [names.blobPrefix]: "open/" } },
      { verb: "read", subOperations: LIST, resource: inContainer("logs"), request: { [names.blobPrefix]: "open/a" } },
    ],
    [
      { verb: "read", resource: inContainer("logs", "Open/a") },
      { verb: "read", resource: inContainer("logs", "x/open/a") },
      { verb: "read", resource: inContainer("else", "open/a") },
      { verb: "read", subOperations: LIST, resource: inContainer("logs") },
      { verb: "read", subOperations: LIST, resource: inContainer("logs"), request: { [names.blobPrefix]: "ope" } },
      { verb: "read", subOperations: LIST, resource: inContainer("else"), request: { [names.blobPrefix]: "open/" } },
    ],
  );
});

test("write a path; read a tag under a path", () => {
  const path = `@Resource[${names.blobPath}] StringLike 'up/*'`;
  checkPattern(
    block(targets("write", "add/action"), `@Resource[${names.containerName}] StringEquals 'logs' AND ${path}`),
    [{ verb: "write", resource: inContainer("logs", "up/x") }, { verb: "read" }],
    [
      { verb: "write", resource: inContainer("logs", "down/x") },
      { verb: "add/action", resource: inContainer("logs") },
    ],
  );
  checkPattern(
    block(readsButLists, `${tag("Resource", "Team")} StringEquals 'Red' AND ${path}`),
    [{ verb: "read", resource: { ...tagged("Team", "Red"), ...inContainer("c", "up/x") } }],
    [
      { verb: "read", resource: tagged("Team", "Red") },
      { verb: "read", resource: inContainer("c", "up/x") },
    ],
  );
});

test("only current versions; those and one version; those and any snapshot", () => {
  const current = `@Resource[${names.isCurrentVersion}] BoolEquals true`;
  const isCurrent = { [names.isCurrentVersion]: true };
  const isOld = { [names.isCurrentVersion]: false };
  const one = "2022-06-01T23:38:32.8883645Z";
  checkPattern(
    block(readsButLists, current),
    [{ verb: "read", resource: isCurrent }],
    [{ verb: "read", resource: isOld }, { verb: "read" }],
  );
  checkPattern(
    block(readsButLists, `@Request[${names.versionId}] DateTimeEquals '${one}' OR ${current}`),
    [
      { verb: "read", resource: isCurrent },
      { verb: "read", resource: isOld, request: { [names.versionId]: one } },
    ],
    [
      { verb: "read", resource: isOld, request: { [names.versionId]: one.replace("5Z", "6Z") } },
      { verb: "read", resource: isOld },
    ],
  );
  checkPattern(
    block(readsButLists, `Exists @Request[${names.snapshot}] OR ${current}`),
    [
      { verb: "read", resource: isCurrent },
      { verb: "read", resource: isOld, request: { [names.snapshot]: one } },
    ],
    [
      { verb: "read", resource: isOld },
      { verb: "read", resource: isOld, request: { [names.versionId]: one } },
    ],
  );
});

test("delete versions before a time", () => {
  checkPattern(
    block(
      targets("delete", "deleteBlobVersion/action"),
      `@Request[${names.versionId}] DateTimeLessThan '2022-06-01T00:00:00.0Z'`,
    ),
    [{ verb: "deleteBlobVersion/action", request: { [names.versionId]: "2022-05-31T23:59:59.9999999Z" } }],
    [
      { verb: "deleteBlobVersion/action", request: { [names.versionId]: "2022-06-01T00:00:00.0000000Z" } },
      { verb: "delete" },
    ],
  );
});

test("accounts with a hierarchical namespace; encryption scopes; an account's name", () => {
  checkPattern(
    block(targets("read"), `@Resource[${names.isHnsEnabled}] BoolEquals true`),
    [{ verb: "read", resource: { [names.isHnsEnabled]: true } }],
    [{ verb: "read", resource: { [names.isHnsEnabled]: false } }],
  );
  checkPattern(
    block(readsButLists, `@Resource[${names.encryptionScopeName}] ForAnyOfAnyValues:StringEquals {'s1', 's2'}`),
    [{ verb: "read", resource: { [names.encryptionScopeName]: "s2" } }],
    [{ verb: "read", resource: { [names.encryptionScopeName]: "s3" } }, { verb: "read" }],
  );
  checkPattern(
    block(
      targets("read", "write"),
      `@Resource[${names.accountName}] StringEquals 'acct' AND Exists @Resource[${names.encryptionScopeName}]`,
    ),
    [{ verb: "write", resource: { [names.accountName]: "acct", [names.encryptionScopeName]: "s" } }],
    [{ verb: "write", resource: { [names.accountName]: "acct" } }],
  );
});

test("a principal's attribute beside a tag, of one value and of several", () => {
  const attribute = customSecurityAttribute("Engineering_Project");
  const project = (value: string | string[]) => ({ [attribute]: value });
  checkPattern(
    `${block(readsButLists, `@Principal[${attribute}] StringEquals ${tag("Resource", "Project")}`)} AND ${block(`${writesWithTags} AND ${addsWithTags}`, `@Principal[${attribute}] StringEquals ${tag("Request", "Project")}`)}`,
    [
      { verb: "read", resource: tagged("Project", "Sky"), principal: project("Sky") },
      { verb: "write", subOperations: WITH_TAGS, request: tagged("Project", "Sky"), principal: project("Sky") },
    ],
    [
      { verb: "read", resource: tagged("Project", "Sea"), principal: project("Sky") },
      { verb: "read", resource: tagged("Project", "Sky") },
      { verb: "read", principal: project("Sky") },
      { verb: "read" },
    ],
  );
  checkPattern(
    block(readsButLists, `${tag("Resource", "Project")} ForAnyOfAnyValues:StringEquals @Principal[${attribute}]`),
    [{ verb: "read", resource: tagged("Project", "Sky"), principal: project(["Sea", "Sky"]) }],
    [{ verb: "read", resource: tagged("Project", "Sun"), principal: project(["Sea", "Sky"]) }],
  );
});

test("sensitive blobs by private link only: Microsoft's truth table, the untagged row included", () => {
  const sensitivity = tag("Resource", "sensitivity");
  const isPrivate = { [names.isPrivateLink]: true };
  const isPublic = { [names.isPrivateLink]: false };
  const requirement = `(${sensitivity} StringEquals 'high' AND @Environment[isPrivateLink] BoolEquals true) OR ${sensitivity} StringNotEquals 'high'`;
  const rows = (resource: AttributeRecord): [Ask, Ask] => [
    { verb: "read", resource, environment: isPrivate },
    { verb: "read", resource, environment: isPublic },
  ];
  const [highByLink, highByInternet] = rows(tagged("sensitivity", "high"));
  checkPattern(
    block(readsButLists, `${requirement} OR NOT Exists ${sensitivity}`),
    [highByLink, ...rows(tagged("sensitivity", "low")), ...rows({})],
    [highByInternet],
  );
  checkPattern(block(readsButLists, requirement), rows(tagged("sensitivity", "low")), [highByInternet, ...rows({})]);
});

test("a private endpoint or a subnet for one container", () => {
  const rules = [
    [names.privateEndpoint, "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/privateEndpoints/e"],
    [names.subnet, "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/default"],
  ] as const;
  for (const [name, id] of rules) {
    const container = `@Resource[${names.containerName}]`;
    checkPattern(
      block(
        targets("read", "write", "add/action", "delete"),
        `(${container} StringEquals 'logs' AND @Environment[${name}] StringEqualsIgnoreCase '${id}') OR ${container} StringNotEquals 'logs'`,
      ),
      [
        { verb: "read", resource: inContainer("logs"), environment: { [name]: id.toUpperCase() } },
        { verb: "write", resource: inContainer("else") },
      ],
      [
        { verb: "read", resource: inContainer("logs"), environment: { [name]: `${id}2` } },
        { verb: "read", resource: inContainer("logs") },
      ],
    );
  }
});

test("sensitive blobs from one private endpoint, by people marked for them; the others from anywhere", () => {
  const attribute = customSecurityAttribute("Secrecy_Level");
  const endpoint = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/privateEndpoints/e";
  const sensitivity = tag("Resource", "sensitivity");
  const marked = { [attribute]: "high" };
  const here = { [names.privateEndpoint]: endpoint };
  const high = tagged("sensitivity", "high");
  checkPattern(
    block(
      readsButLists,
      `(@Principal[${attribute}] StringEquals ${sensitivity} AND ${sensitivity} StringEquals 'high' AND @Environment[${names.privateEndpoint}] StringEqualsIgnoreCase '${endpoint}') OR ${sensitivity} StringNotEquals 'high'`,
    ),
    [
      { verb: "read", resource: high, principal: marked, environment: here },
      { verb: "read", resource: tagged("sensitivity", "low") },
      { verb: "read", subOperations: LIST },
    ],
    [
      { verb: "read", resource: high, principal: marked },
      { verb: "read", resource: high, environment: here },
      { verb: "read", resource: high, principal: { [attribute]: "low" }, environment: here },
      { verb: "read", resource: high, principal: marked, environment: { [names.privateEndpoint]: `${endpoint}2` } },
    ],
  );
});

test("writes with listed tag values from one endpoint, or without the tag", () => {
  checkPattern(
    block(
      `${addsWithTags} AND ${writesWithTags}`,
      `(${tag("Request", "sensitivity")} ForAnyOfAnyValues:StringEqualsIgnoreCase {'high', 'low'} AND @Environment[${names.privateEndpoint}] StringEqualsIgnoreCase '/e') OR @Request[${names.blobTagKeys}] ForAnyOfAnyValues:StringNotEqualsIgnoreCase {'sensitivity'}`,
    ),
    [
      {
        verb: "write",
        subOperations: WITH_TAGS,
        request: tagged("sensitivity", "HIGH"),
        environment: { [names.privateEndpoint]: "/E" },
      },
      { verb: "write", subOperations: WITH_TAGS, request: tagged("Team", "Red") },
    ],
    [
      { verb: "write", subOperations: WITH_TAGS, request: tagged("sensitivity", "high") },
      {
        verb: "write",
        subOperations: WITH_TAGS,
        request: tagged("sensitivity", "odd"),
        environment: { [names.privateEndpoint]: "/e" },
      },
    ],
  );
});

test("a window of time", () => {
  const now = (time: string) => ({ [names.utcNow]: time });
  checkPattern(
    block(
      targets("read"),
      "@Environment[UtcNow] DateTimeGreaterThan '2026-04-01T13:00:00.000Z' AND @Environment[utcnow] DateTimeLessThan '2026-05-01T00:00:00Z'",
    ),
    [
      { verb: "read", environment: now("2026-04-01T13:00:00.001Z") },
      { verb: "read", environment: now("2026-04-30T23:59:59Z") },
    ],
    [
      { verb: "read", environment: now("2026-04-01T13:00:00Z") },
      { verb: "read", environment: now("2026-05-01T00:00:00Z") },
      { verb: "read" },
    ],
  );
});

test("messages of named queues", () => {
  checkPattern(
    `!(ActionMatches{'${QUEUE_READ}'}) OR @Resource[${names.queueName}] StringLikeIgnoreCase 'ORDERS-?'`,
    [{ verb: QUEUE_READ, resource: { [names.queueName]: "orders-1" } }],
    [{ verb: QUEUE_READ, resource: { [names.queueName]: "orders-10" } }, { verb: QUEUE_READ }],
  );
});

test("delegation: only some roles, only to some types of principals; and all roles but some", () => {
  const write = "Microsoft.Authorization/roleAssignments/write";
  const remove = "Microsoft.Authorization/roleAssignments/delete";
  const [reader, contributor, owner] = ["1", "2", "3"].map((digit) => digit.repeat(32)) as [string, string, string];
  const request = (role: string, type: string) => ({ [names.roleDefinitionId]: role, [names.principalType]: type });
  const only = (source: string) =>
    `@${source}[${names.roleDefinitionId}] ForAnyOfAnyValues:GuidEquals {${reader}, ${contributor}} AND @${source}[${names.principalType}] ForAnyOfAnyValues:StringEqualsIgnoreCase {'ServicePrincipal', 'Group'}`;
  const both = (requirement: (source: string) => string) =>
    `${block(`!(ActionMatches{'${write}'})`, requirement("Request"))} AND ${block(`!(ActionMatches{'${remove}'})`, requirement("Resource"))}`;
  checkPattern(
    both(only),
    [
      { verb: write, request: request(reader, "ServicePrincipal") },
      { verb: write, request: request(contributor, "group") },
      { verb: remove, resource: request(reader, "Group") },
      { verb: "Microsoft.Authorization/roleAssignments/read" },
    ],
    [
      { verb: write, request: request(owner, "ServicePrincipal") },
      { verb: write, request: request(reader, "User") },
      { verb: write, resource: request(reader, "Group") },
      { verb: remove, request: request(reader, "Group") },
      { verb: write },
    ],
  );
  checkPattern(
    both(
      (source) => `@${source}[${names.roleDefinitionId}] ForAnyOfAllValues:GuidNotEquals {${owner}, ${contributor}}`,
    ),
    [{ verb: write, request: request(reader, "User") }],
    [
      { verb: write, request: request(owner, "User") },
      { verb: remove, resource: request(contributor, "User") },
      { verb: write },
    ],
  );
});
