/** Operations on an account. */

import { getAccountInformation, getServiceStats } from "./account-handlers.ts";
import { batch } from "./batch-handlers.ts";
import { preflight } from "./cors.ts";
import { listContainers } from "./list-handlers.ts";
import { action, containerRead, containerWrite, type Draft, data } from "./operation-draft.ts";
import { getServiceProperties, setServiceProperties } from "./service-properties.ts";
import { findBlobsByTags } from "./tag-handlers.ts";
import { getUserDelegationKey } from "./ways-in/delegation-key-handlers.ts";

export const accountDrafts: readonly Draft[] = [
  {
    operation: "List Containers",
    methods: ["GET"],
    level: "account",
    comp: "list",
    parameters: ["prefix", "marker", "maxresults", "include"],
    anyOf: [containerRead],
    handle: listContainers,
    page: "list-containers2",
  },
  {
    operation: "Set Blob Service Properties",
    methods: ["PUT"],
    level: "account",
    restype: "service",
    comp: "properties",
    hasBody: true,
    anyOf: [action("write")],
    handle: setServiceProperties,
    page: "set-blob-service-properties",
    sampleBody: "<StorageServiceProperties />",
  },
  {
    operation: "Get Blob Service Properties",
    methods: ["GET"],
    level: "account",
    restype: "service",
    comp: "properties",
    anyOf: [action("read")],
    handle: getServiceProperties,
    page: "get-blob-service-properties",
  },
  {
    operation: "Get Blob Service Stats",
    methods: ["GET"],
    level: "account",
    restype: "service",
    comp: "stats",
    anyOf: [action("read")],
    handle: getServiceStats,
    page: "get-blob-service-stats",
  },
  {
    operation: "Get Account Information",
    since: "accountInformation",
    methods: ["GET", "HEAD"],
    level: ["account", "container", "blob"],
    restype: "account",
    comp: "properties",
    anyOf: [action("getInfo/action")],
    isAccountWide: true,
    handle: getAccountInformation,
    page: "get-account-information",
  },
  {
    operation: "Get User Delegation Key",
    since: "delegationKeys",
    methods: ["POST"],
    level: "account",
    restype: "service",
    comp: "userdelegationkey",
    hasBody: true,
    anyOf: [action("generateUserDelegationKey/action")],
    page: "get-user-delegation-key",
    handle: getUserDelegationKey,
    sampleBody: "<KeyInfo><Start>2025-01-01T00:00:00Z</Start><Expiry>2025-01-02T00:00:00Z</Expiry></KeyInfo>",
  },
  {
    operation: "Find Blobs by Tags",
    since: "tags",
    methods: ["GET"],
    level: "account",
    comp: "blobs",
    parameters: ["where", "marker", "maxresults", "include"],
    anyOf: [data("filter/action")],
    handle: findBlobsByTags,
    page: "find-blobs-by-tags",
    sampleQuery: "where=a%3D%27b%27",
  },
  {
    operation: "Blob Batch",
    since: "batch",
    methods: ["POST"],
    level: "account",
    comp: "batch",
    hasBody: true,
    anyOf: [containerWrite],
    handle: batch,
    page: "blob-batch",
    sampleBody: "--b--",
  },
];

/** CORS preflight: any path, any query; the one request without a caller. */
export const preflightDraft: Draft = {
  operation: "Preflight Blob Request",
  methods: ["OPTIONS"],
  level: ["account", "container", "blob"],
  anyOf: [],
  handle: preflight,
  page: "preflight-blob-request",
  sampleHeaders: { Origin: "https://example.org", "Access-Control-Request-Method": "GET" },
};
