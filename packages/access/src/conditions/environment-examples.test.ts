/**
 * Microsoft's examples that look at where and when a request comes from, in words of our own.
 * @see https://learn.microsoft.com/azure/storage/blobs/storage-auth-abac-examples#environment-attributes
 */
import { test } from "node:test";
import { customSecurityAttribute, attributeNames as names } from "./catalogue.ts";
import {
  type Ask,
  addsWithTags,
  block,
  checkPattern,
  inContainer,
  LIST,
  readsButLists,
  tag,
  tagged,
  targets,
  WITH_TAGS,
  writesWithTags,
} from "./example-trial.ts";
import type { AttributeRecord } from "./inquiry.ts";

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
