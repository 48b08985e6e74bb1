/**
 * A cloud in memory with this surface on a loopback port, for the tests of this folder: a fixed clock, counted ids, and a verifier that
 * takes a principal's object id for its token.
 */
import { createServer, request as httpRequest, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { builtinRoles } from "@postern/access/roles";
import { bootstrapAuthorization } from "../authorization/bootstrap.ts";
import type { Cloud } from "../cloud.ts";
import { SecretKeeper } from "../directory/secrets.ts";
import { Recorder } from "../observe/records.ts";
import { bootstrapResources } from "../resources/bootstrap.ts";
import { type Change, put, systemActor } from "../state/change.ts";
import type { Group, ServicePrincipal, User } from "../state/entities.ts";
import { directoryRoleTemplateIds } from "../state/first-party.ts";
import type {
  AppId,
  GroupObjectId,
  Guid,
  PrincipalId,
  ServicePrincipalObjectId,
  SubscriptionId,
  TenantId,
  UserObjectId,
} from "../state/identifiers.ts";
import type { Ports } from "../state/ports.ts";
import { MemoryBackend } from "../store/memory-backend.ts";
import { StateStore } from "../store/state-store.ts";
import { type TokenFault, TokenRefusal, type TokenVerifier } from "../tokens/token.ts";
import type { Exchange } from "../wire/exchange.ts";
import { type ArmOptions, type ArmSurface, createArmSurface } from "./surface.ts";

export const trial = {
  tenantId: "11111111-1111-1111-1111-111111111111" as TenantId,
  subscriptionId: "22222222-2222-2222-2222-222222222222" as SubscriptionId,
  /** A user: Owner at "/" and at the subscription, Global Administrator. */
  operator: "33333333-3333-3333-3333-333333333333" as UserObjectId,
  /** A service principal without any role. */
  app: "44444444-4444-4444-4444-444444444444" as ServicePrincipalObjectId,
  appId: "55555555-5555-5555-5555-555555555555" as AppId,
  group: "66666666-6666-6666-6666-666666666666" as GroupObjectId,
  now: "2026-01-02T03:04:05.678Z",
} as const;

export const roles = {
  owner: "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
  contributor: "b24988ac-6180-42a0-ab88-20f7382dd24c",
  reader: "acdd72a7-3385-48ef-bd42-f606fba81ae7",
  userAccessAdministrator: "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
  blobDataContributor: "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
} as const;

export type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests reach into whatever JSON came back
  readonly json: any;
};

export type SendOptions = {
  /** The token: an object id, or a token fault's kind. Defaults to the operator; null for no Authorization header. */
  readonly as?: string | null;
  readonly body?: unknown;
  /** Sent as it is, instead of `body`. */
  readonly rawBody?: string;
  readonly headers?: Readonly<Record<string, string>>;
};

export type TrialCloud = {
  readonly cloud: Cloud;
  readonly surface: ArmSurface;
  /** `https://management.azure.com` unless a test says otherwise. */
  origin: string;
  send(method: string, target: string, options?: SendOptions): Promise<Answer>;
  /** Gives a role by the rules' back door. */
  assign(principalId: string, roleId: string, scope: string): Promise<void>;
  close(): Promise<void>;
};

const tokenFaults: Readonly<Record<string, TokenFault>> = {
  "token-signature": { kind: "token-signature" },
  "token-issuer": { kind: "token-issuer", issuer: 'https://sts.windows.net/other/"', tenantId: "other" },
  "token-audience": { kind: "token-audience", audience: "https://graph.microsoft.com" },
  "token-expired": { kind: "token-expired", expiredAt: new Date("2026-01-01T13:00:00Z") },
  "token-not-yet-valid": { kind: "token-not-yet-valid", validFrom: new Date("2027-01-01T00:00:00Z") },
  "token-revoked": { kind: "token-revoked", requiredNotBefore: 1_767_323_045 },
  "token-algorithm": { kind: "token-algorithm", algorithm: "none" },
};

const verifier: TokenVerifier = {
  verify: (token, isAudience) => {
    const audience = "https://management.azure.com";
    const fault = tokenFaults[token];
    if (fault !== undefined) throw new TokenRefusal(fault);
    if (!isAudience(audience)) throw new TokenRefusal({ kind: "token-audience", audience });
    return {
      principalId: token as PrincipalId,
      appId: trial.appId,
      tenantId: trial.tenantId,
      kind: "app",
      audience,
      scopes: [],
      roles: [],
      expiresAt: 0,
      issuedAt: 0,
      claims: {},
    };
  },
};

function trialPorts(): Ports {
  let count = 0;
  return {
    now: () => new Date(trial.now),
    guid: () => `00000000-0000-4000-8000-${String(++count).padStart(12, "0")}`,
    randomBytes: (sizeBytes) => Buffer.alloc(sizeBytes, ++count % 256),
  };
}

function directoryRows(): Change[] {
  const createdDateTime = trial.now;
  const tenant = { tenantId: trial.tenantId, displayName: "Trial", domains: ["trial.example"], createdDateTime };
  const user = { id: trial.operator, userPrincipalName: "operator@trial.example", displayName: "Operator" } as User;
  const app = {
    id: trial.app,
    appId: trial.appId,
    displayName: "app",
    alternativeServicePrincipalNames: [],
    keyCredentials: [],
  } as unknown as ServicePrincipal;
  const group = { id: trial.group, displayName: "devs" } as Group;
  return [
    put("tenant", tenant),
    put("user", user),
    put("servicePrincipal", app),
    put("group", group),
    put("directoryRoleAssignment", {
      id: "77777777-7777-7777-7777-777777777777" as Guid,
      principalId: trial.operator,
      roleTemplateId: directoryRoleTemplateIds.globalAdministrator,
    }),
  ];
}

/** Starts one. */
export async function startTrialCloud(options: Partial<ArmOptions> = {}): Promise<TrialCloud> {
  const ports = trialPorts();
  const store = await StateStore.open(new MemoryBackend(), builtinRoles, ports);
  const changes = [
    ...directoryRows(),
    ...bootstrapResources(trial.tenantId, trial.subscriptionId, trial.now),
    ...bootstrapAuthorization(trial.subscriptionId, [{ principalId: trial.operator, principalType: "User" }], ports),
  ];
  await store.change(systemActor, "First start", () => ({ changes, result: undefined }));
  const secrets = new SecretKeeper(Buffer.alloc(32));
  const cloud: Cloud = { store, model: store.model, secrets, verifier, recorder: new Recorder(), ports };
  const surface = createArmSurface(cloud, {
    isAudience: () => true,
    reservedAccountNames: new Set(["subscriptions"]),
    onStorageAccountDeleted: async () => {},
    ...options,
  });
  const server = createServer((request, response) => {
    const [path = "", query = ""] = request.url!.split(/\?(.*)/s);
    const exchange: Exchange = {
      request,
      response,
      requestId: "99999999-9999-4999-8999-999999999999",
      surface: "arm",
      origin: started.origin,
      account: "",
      prefix: "",
      path,
      query,
    };
    surface.handle(exchange).catch((cause: unknown) => {
      response.writeHead(599);
      response.end(cause instanceof Error ? cause.stack : String(cause));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  let assignments = 0;
  const started: TrialCloud = {
    cloud,
    surface,
    origin: "https://management.azure.com",
    send: (method, target, sendOptions) => send(port, method, target, sendOptions),
    assign: async (principalId, roleId, scope) => {
      const name = `aaaaaaaa-0000-4000-8000-${String(++assignments).padStart(12, "0")}`;
      const answer = await send(
        port,
        "PUT",
        `${scope === "/" ? "" : scope}/providers/Microsoft.Authorization/roleAssignments/${name}?api-version=2022-04-01`,
        {
          body: {
            properties: {
              roleDefinitionId: `/providers/Microsoft.Authorization/roleDefinitions/${roleId}`,
              principalId,
              principalType: cloud.model.principal(principalId)?.type ?? "ServicePrincipal",
            },
          },
        },
      );
      if (answer.status !== 201) throw new Error(answer.text);
    },
    close: async () => {
      await closeServer(server);
      await store.close();
    },
  };
  return started;
}

function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

function send(port: number, method: string, target: string, options: SendOptions = {}): Promise<Answer> {
  const { as = trial.operator, body, rawBody, headers = {} } = options;
  const payload = rawBody ?? (body === undefined ? undefined : JSON.stringify(body));
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      {
        port,
        host: "127.0.0.1",
        method,
        path: target,
        agent: false,
        headers: {
          ...(as === null ? {} : { authorization: `Bearer ${as}` }),
          ...(payload === undefined
            ? {}
            : { "content-type": "application/json", "content-length": Buffer.byteLength(payload) }),
          ...headers,
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () => {
          const text = Buffer.concat(chunks).toString("utf8");
          const isJson = response.headers["content-type"]?.startsWith("application/json") === true;
          resolve({
            status: response.statusCode!,
            headers: response.headers as Record<string, string>,
            text,
            json: isJson && text !== "" ? JSON.parse(text) : undefined,
          });
        });
      },
    );
    request.on("error", reject);
    request.end(payload);
  });
}
