/**
 * The blob surface on a loopback port over an engine in a scratch folder, with a fixed clock and a verifier that takes `x.<principal>.x` for a
 * token of that principal. Accounts are told apart by the path's first segment.
 */
import assert from "node:assert/strict";
import { createServer, request as httpRequest, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { builtinRoles } from "@postern/access/roles";
import type { Cloud } from "../../cloud.ts";
import { Recorder } from "../../observe/records.ts";
import { type Change, put } from "../../state/change.ts";
import type { EncryptionScope, Entities } from "../../state/entities.ts";
import { ReadModel } from "../../state/read-model.ts";
import { type TokenFault, TokenRefusal, type TokenVerifier } from "../../tokens/token.ts";
import type { Exchange } from "../../wire/exchange.ts";
import type { Surface } from "../../wire/operation.ts";
import { RequestLogs } from "../analytics/request-logs.ts";
import type { BlobStore } from "../engine/blob-store.ts";
import type { BlobEngineOptions } from "../engine/engine.ts";
import { createBlobSurface } from "../surface.ts";
import { openScratchEngine } from "./scratch-engine.ts";

export const tenantId = "11111111-1111-1111-1111-111111111111";
export const subscriptionId = "22222222-2222-2222-2222-222222222222";
export const now = new Date("2026-01-02T03:04:05.678Z");

/** Who is who: each holds the role of its name, where it says. */
export const people = {
  owner: "aaaaaaaa-0000-4000-8000-000000000001",
  reader: "aaaaaaaa-0000-4000-8000-000000000002",
  contributor: "aaaaaaaa-0000-4000-8000-000000000003",
  /** Storage Blob Data Contributor in the resource group rg10 only. */
  neighbour: "aaaaaaaa-0000-4000-8000-000000000004",
  /** Storage Blob Data Reader at the container `box` only. */
  boxReader: "aaaaaaaa-0000-4000-8000-000000000005",
  /** A custom role that may create blobs and not replace them, and make containers. */
  adder: "aaaaaaaa-0000-4000-8000-000000000006",
  nobody: "aaaaaaaa-0000-4000-8000-000000000007",
  operator: "aaaaaaaa-0000-4000-8000-000000000008",
} as const;

const roleIds = {
  owner: "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
  blobDataOwner: "b7e6dc6d-f1e8-4753-8033-0f276bb0955b",
  blobDataContributor: "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
  blobDataReader: "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1",
  adder: "bbbbbbbb-0000-4000-8000-000000000001",
} as const;

const groupScope = (group: string): string => `/subscriptions/${subscriptionId}/resourceGroups/${group}`;
export const accountScope = `${groupScope("rg1")}/providers/Microsoft.Storage/storageAccounts/acct`;
export const containerScope = `${accountScope}/blobServices/default/containers/box`;

const assignments: readonly (readonly [principalId: string, role: string, scope: string])[] = [
  [people.operator, roleIds.owner, "/"],
  [people.operator, roleIds.blobDataOwner, groupScope("rg1")],
  [people.owner, roleIds.owner, `/subscriptions/${subscriptionId}`],
  [people.reader, roleIds.blobDataReader, accountScope],
  [people.contributor, roleIds.blobDataContributor, groupScope("rg1")],
  [people.neighbour, roleIds.blobDataContributor, groupScope("rg10")],
  [people.boxReader, roleIds.blobDataReader, containerScope],
  [people.adder, roleIds.adder, groupScope("rg1")],
];

/** Of every account. */
export const accountKeys = [
  { keyName: "key1", creationTime: now.toISOString(), value: Buffer.alloc(64, 1).toString("base64") },
  { keyName: "key2", creationTime: now.toISOString(), value: Buffer.alloc(64, 2).toString("base64") },
] as const;
export const delegationSecret = Buffer.alloc(32, 3).toString("base64");

function accountRow(name: string, over: Partial<Entities["storageAccount"]> = {}): Change {
  const row = {
    name,
    subscriptionId,
    resourceGroup: "rg1",
    location: "westeurope",
    tags: {},
    kind: "StorageV2",
    skuName: "Standard_LRS",
    accessTier: "Hot",
    creationTime: now.toISOString(),
    allowSharedKeyAccess: true,
    allowBlobPublicAccess: false,
    supportsHttpsTrafficOnly: true,
    minimumTlsVersion: "TLS1_2",
    publicNetworkAccess: "Enabled",
    isHnsEnabled: false,
    keys: accountKeys,
    delegationSecret,
    ...over,
  };
  return put("storageAccount", row as unknown as Entities["storageAccount"]);
}

function scopeRow(name: string, byte: number, isEnabled = true): EncryptionScope {
  const time = now.toISOString();
  const secret = Buffer.alloc(32, byte).toString("base64");
  return { name, isEnabled, isDoublyEncrypted: false, secret, creationTime: time, lastModifiedTime: time };
}

const keepsNothing = {
  isVersioningEnabled: false,
  deletedBlobDays: null,
  isPermanentDeleteAllowed: true,
  deletedContainerDays: null,
  isLastAccessTracked: false,
};

function makeModel(): ReadModel {
  const model = new ReadModel(builtinRoles);
  const createdDateTime = now.toISOString();
  const permission = {
    actions: ["Microsoft.Storage/storageAccounts/blobServices/containers/write"],
    notActions: [],
    dataActions: ["Microsoft.Storage/storageAccounts/blobServices/containers/blobs/add/action"],
    notDataActions: [],
  };
  const stamps = { createdOn: createdDateTime, updatedOn: createdDateTime, createdBy: null, updatedBy: null };
  const changes: unknown[] = [
    { kind: "tenant", op: "put", row: { tenantId, displayName: "T", domains: ["t.example"], createdDateTime } },
    accountRow("acct"),
    accountRow("geo", { skuName: "Standard_RAGRS" }),
    accountRow("mirrored", { skuName: "Standard_GRS" }),
    accountRow("shut", { publicNetworkAccess: "Disabled" }),
    accountRow("open", { allowBlobPublicAccess: true }),
    accountRow("kept", { blobService: { ...keepsNothing, deletedBlobDays: 7, deletedContainerDays: 7 } }),
    accountRow("versioned", { blobService: { ...keepsNothing, isVersioningEnabled: true } }),
    accountRow("tracked", { blobService: { ...keepsNothing, isLastAccessTracked: true } }),
    accountRow("both", { blobService: { ...keepsNothing, isVersioningEnabled: true, deletedBlobDays: 7 } }),
    accountRow("nested", { isHnsEnabled: true, blobService: { ...keepsNothing, deletedBlobDays: 7 } }),
    accountRow("scoped", { encryptionScopes: [scopeRow("alpha", 4), scopeRow("beta", 5), scopeRow("off", 6, false)] }),
    accountRow("keyless", { allowSharedKeyAccess: false }),
    accountRow("walled", { networkRules: { defaultAction: "Deny", ipRules: ["10.0.0.0/8"], bypass: "None" } }),
    accountRow("gated", {
      networkRules: { defaultAction: "Deny", ipRules: ["10.0.0.1", "127.0.0.0/8"], bypass: "None" },
    }),
    ...Object.entries(people).map(([displayName, id]) =>
      put("servicePrincipal", {
        id,
        appId: id,
        displayName,
        accountEnabled: true,
        alternativeServicePrincipalNames: [],
      } as unknown as Entities["servicePrincipal"]),
    ),
    put("roleDefinition", {
      id: roleIds.adder,
      roleName: "Adder",
      description: "",
      permissions: [permission],
      assignableScopes: ["/"],
      ...stamps,
    } as unknown as Entities["roleDefinition"]),
    ...assignments.map(([principalId, roleDefinitionId, scope], index) =>
      put("roleAssignment", {
        name: `cccccccc-0000-4000-8000-${String(index).padStart(12, "0")}`,
        scope,
        roleDefinitionId,
        principalId,
        principalType: "ServicePrincipal",
        description: null,
        condition: null,
        conditionVersion: null,
        delegatedManagedIdentityResourceId: null,
        ...stamps,
      } as unknown as Entities["roleAssignment"]),
    ),
  ];
  for (const change of changes) model.apply(change as Change);
  return model;
}

const faults: Readonly<Record<string, TokenFault>> = {
  "x.signature.x": { kind: "token-signature" },
  "x.expired.x": { kind: "token-expired", expiredAt: now },
  "x.early.x": { kind: "token-not-yet-valid", validFrom: now },
  "x.issuer.x": { kind: "token-issuer", issuer: "i", tenantId: "t" },
  "x.malformed.x": { kind: "token-malformed" },
  "x.gone.x": { kind: "token-principal", principalId: people.nobody },
};

const verifier: TokenVerifier = {
  verify(token, isAudience) {
    // As the real one: the surface leaves it to the verifier what is no token.
    if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) throw new TokenRefusal({ kind: "token-malformed" });
    const fault = faults[token];
    if (fault !== undefined) throw new TokenRefusal(fault);
    const audience = token === "x.audience.x" ? "https://graph.microsoft.com" : "https://storage.azure.com";
    if (!isAudience(audience)) throw new TokenRefusal({ kind: "token-audience", audience });
    return { principalId: token.split(".")[1] } as ReturnType<TokenVerifier["verify"]>;
  },
};

export type TrialAnswer = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  readonly text: string;
  /** `<Code>` of an error body. */
  readonly code: string | undefined;
};

export type TrialRequest = {
  /** Defaults to the operator; null for no Authorization header. */
  readonly as?: string | null;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: string | Buffer;
  /** Defaults to `acct`. */
  readonly account?: string;
};

export type TrialSurface = {
  readonly surface: Surface;
  readonly engine: BlobStore;
  readonly model: ReadModel;
  readonly recorder: Recorder;
  readonly logs: RequestLogs;
  readonly port: number;
  readonly logged: string[];
  readonly stateDir: string;
  /** @param target raw path and query, after the account. */
  send(method: string, target: string, request?: TrialRequest): Promise<TrialAnswer>;
};

export async function startTrialSurface(
  test: TestContext,
  options: Partial<BlobEngineOptions> = {},
): Promise<TrialSurface> {
  const { engine, stateDir } = await openScratchEngine(test, { now: () => now, ...options });
  const model = makeModel();
  const recorder = new Recorder();
  const logged: string[] = [];
  /** Applies changes as the cloud's store does, and keeps none. */
  const store: Pick<Cloud["store"], "change"> = {
    async change(_actor, _what, rule) {
      const { changes, result } = rule(model);
      for (const change of changes) model.apply(change);
      return result;
    },
  };
  const cloud = { model, recorder, verifier, store, ports: { now: () => now } } as unknown as Cloud;
  const isAudience = (audience: string): boolean => audience === "https://storage.azure.com";
  const log = (line: string): void => void logged.push(line);
  const logs = new RequestLogs({ engine, model, now: () => now, report: log });
  test.after(() => logs.close());
  const surface = createBlobSurface(cloud, engine, { isAudience, logs, log });
  const server = createServer((request, response) => {
    const [, account, path, query] = /^\/([^/?]*)([^?]*)\??(.*)$/s.exec(request.url ?? "") ?? [];
    const exchange: Exchange = {
      request,
      response,
      requestId: "99999999-9999-4999-8999-999999999999",
      surface: "blob",
      origin: "https://localhost:1",
      account: account!,
      prefix: `/${account}`,
      path: path || "/",
      query: query ?? "",
    };
    surface.handle(exchange).catch((cause: unknown) => {
      logged.push(`rejected: ${cause}`);
      response.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  test.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    surface,
    engine,
    model,
    recorder,
    logs,
    port,
    logged,
    stateDir,
    send: (method, target, request = {}) => send(port, method, target, request),
  };
}

/** The same, with a container `box` in `acct`. */
export async function startTrialBox(test: TestContext): Promise<TrialSurface> {
  const trial = await startTrialSurface(test);
  assert.equal((await trial.send("PUT", "/box?restype=container")).status, 201);
  return trial;
}

export function tokenOf(principal: string): string {
  return `Bearer x.${principal}.x`;
}

function send(port: number, method: string, target: string, request: TrialRequest): Promise<TrialAnswer> {
  const { as = people.operator, account = "acct", body } = request;
  const headers: Record<string, string | string[]> = { "x-ms-version": "2025-07-05" };
  if (as !== null) headers.authorization = tokenOf(as);
  if (method === "PUT" && body === undefined) headers["content-length"] = "0";
  Object.assign(headers, request.headers);
  return new Promise((resolve, reject) => {
    const path = `/${account}${target}`;
    const outgoing = httpRequest({ host: "127.0.0.1", port, method, path, headers, agent: false }, (response) => {
      const pieces: Buffer[] = [];
      response.on("data", (piece: Buffer) => pieces.push(piece));
      response.on("error", reject);
      response.on("end", () => {
        const bytes = Buffer.concat(pieces);
        const text = bytes.toString();
        resolve({
          status: response.statusCode!,
          headers: response.headers,
          rawHeaders: response.rawHeaders,
          body: bytes,
          text,
          code: /<Error><Code>(\w+)<\/Code>/.exec(text)?.[1],
        });
      });
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}
