/**
 * The patterns of Microsoft's Storage and delegation examples, in words of our own: each with asks it lets through and asks it stops.
 * Those of networks and time: environment-examples.test.ts.
 * @see https://learn.microsoft.com/azure/storage/blobs/storage-auth-abac-examples
 * @see https://learn.microsoft.com/azure/role-based-access-control/delegate-role-assignments-examples
 */
import { test } from "node:test";
import { customSecurityAttribute, attributeNames as names } from "./catalogue.ts";
import {
  addsWithTags,
  BLOBS,
  block,
  checkPattern,
  inContainer,
  LIST,
  lists,
  readsButLists,
  tag,
  tagged,
  targets,
  WITH_TAGS,
  writesWithTags,
} from "./example-trial.ts";

const QUEUE_READ = "Microsoft.Storage/storageAccounts/queueServices/queues/messages/read";

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
