/**
 * Managed identities for programs on this machine: the three endpoints by which Azure's clients get a machine's tokens, and the sessions
 * that say which program is which identity.
 *
 * match -> session -> proof -> identity -> token
 *
 * On Azure the platform knows which machine asks. Here the launcher tells: `postern run --identity NAME` asks for a session as the operator
 * (session-operations.ts), decided like any assignment of an identity, and gives its address to the one program it starts. A request
 * without such an address gets nothing, whatever it sends.
 *
 * Owns: this folder; a plain-HTTP listener on loopback, started with the first session. May use: the rules in resources/, the access
 * package, tokens/, wire/. Knows no other surface.
 * @see https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/overview
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Cloud } from "../cloud.ts";
import { admitAddress, admitPrincipal } from "../guard/admission.ts";
import type { PosternRow } from "../postern-surface.ts";
import { scopeOfManagedIdentity } from "../resources/scopes.ts";
import type { ManagedIdentity, ServicePrincipal } from "../state/entities.ts";
import { findResource, isResourceEnabled } from "../tokens/audiences.ts";
import { type ManagedIdentityTokens, managedIdentityLifetimeSeconds } from "../tokens/managed-identity-token.ts";
import { type Exchange, type Reply, sendReply } from "../wire/exchange.ts";
import type { Surface } from "../wire/operation.ts";
import { ChallengeFiles } from "./challenge-files.ts";
import { renderRefusal } from "./errors.ts";
import { refuseMachine } from "./fault.ts";
import { type MachineListener, startMachineListener } from "./listener.ts";
import { type MachineRow, machineRows } from "./operations.ts";
import { createSessionRows } from "./session-operations.ts";
import { type IdentitySession, IdentitySessions } from "./sessions.ts";
import { TokenQuery } from "./token-request.ts";

export type MachinesOptions = {
  readonly issueToken: ManagedIdentityTokens;
  /** Judges the `aud` of a token that asks for a session: Resource Manager's, of which an identity is a resource. */
  readonly isAudience: (audience: string) => boolean;
  /** Names this server goes by itself; see tokens/audiences.ts. */
  readonly ownOrigins: () => readonly string[];
  /** For challenges of Azure Arc's form, when the agent's own folder cannot be written. */
  readonly challengeFolder: string;
  /** Told of a defect of ours. */
  readonly onFault: (error: unknown, exchange: Exchange) => void;
  readonly front: MachinesFront;
};

/** What stands before and behind every request on the main port, and on this one as well. */
export type MachinesFront = {
  /** @returns false when there is too much to do; then it is answered. */
  admit(exchange: Exchange): boolean;
  /** Answers who asked too much. @returns false for anything else that was thrown. */
  answerRefusal(error: unknown, exchange: Exchange): boolean;
  /** Told of each exchange whose answer is out, or its client gone. */
  onAnswered(exchange: Exchange): void;
};

export type Machines = {
  readonly surface: Surface;
  /** Rows of Postern's own plane: starting, renewing and ending sessions. */
  readonly sessionRows: readonly PosternRow[];
  /** Ends every session and closes the listener. */
  close(): Promise<void>;
};

export function createMachines(cloud: Cloud, options: MachinesOptions): Machines {
  const challenges = new ChallengeFiles(cloud.ports, options.challengeFolder);
  challenges.clearOwnFolder();
  const sessions = new IdentitySessions(cloud.ports, (id) => challenges.end(id));
  const parts: Parts = { cloud, options, sessions, challenges };
  const surface: Surface = {
    name: "machines",
    operations: machineRows,
    handle: async (exchange) => {
      const path = exchange.path.replace(/\/$/, ""); // MSAL for Node appends a slash
      const row = machineRows.find((one) => one.path === path);
      if (exchange.note !== undefined && row !== undefined) exchange.note.operation = row.operation;
      const reply = await answer(parts, row, exchange).catch((cause: unknown) =>
        renderRefusal(cause, row?.form ?? "Imds", exchange.requestId),
      );
      sendReply(exchange, { ...reply, headers: { ...commonHeaders(exchange), ...reply.headers } });
    },
  };
  let listening: Promise<MachineListener> | undefined;
  let isClosed = false;
  const listen = async (): Promise<string> => {
    if (isClosed) throw new Error("the server is stopping");
    listening ??= startMachineListener((request, response) => void receive(request, response)).catch((cause) => {
      listening = undefined;
      throw cause;
    });
    const { origin } = await listening;
    return origin;
  };
  const receive = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const exchange = openExchange(request, response, await listen(), cloud.ports.guid());
    if (exchange === undefined) return void response.writeHead(400, { connection: "close" }).end();
    response.once("close", () => options.front.onAnswered(exchange));
    if (!options.front.admit(exchange)) return;
    try {
      await surface.handle(exchange);
    } catch (error) {
      if (!response.headersSent && options.front.answerRefusal(error, exchange)) return;
      options.onFault(error, exchange);
      if (response.headersSent) response.destroy();
      else response.writeHead(500, { "x-ms-request-id": exchange.requestId, connection: "close" }).end();
    }
  };
  return {
    surface,
    sessionRows: createSessionRows({ cloud, isAudience: options.isAudience, sessions, challenges, listen }),
    close: async () => {
      isClosed = true;
      sessions.endAll();
      await (await listening)?.close();
    },
  };
}

type Parts = {
  readonly cloud: Cloud;
  readonly options: MachinesOptions;
  readonly sessions: IdentitySessions;
  readonly challenges: ChallengeFiles;
};

/**
 * The request as an exchange. The host must be the address itself: a web page that has its own name resolve to loopback sends that name.
 * @returns undefined for a request that is not addressed to us.
 */
function openExchange(
  request: IncomingMessage,
  response: ServerResponse,
  origin: string,
  requestId: string,
): Exchange | undefined {
  const hosts = request.headersDistinct.host ?? [];
  const { host, port } = new URL(origin);
  const match = /^(\/[A-Za-z0-9_-]{1,128})(\/[\x21\x22\x24-\x3e\x40-\x7e]*)(?:\?([\x21\x22\x24-\x7e]*))?$/.exec(
    request.url ?? "",
  );
  if (hosts.length !== 1 || (hosts[0] !== host && hosts[0]?.toLowerCase() !== `localhost:${port}`)) return undefined;
  const [prefix, path, query] = match === null ? ["", "/", ""] : [match[1]!, match[2]!, match[3] ?? ""];
  const note = {
    ...{ operation: "", caller: "" },
    ...{ startedAtMs: performance.now(), sentBytesBefore: request.socket.bytesWritten },
  };
  return { request, response, requestId, surface: "machines", origin, account: "", prefix, path, query, note };
}

async function answer(parts: Parts, row: MachineRow | undefined, exchange: Exchange): Promise<Reply> {
  const { cloud, options, sessions, challenges } = parts;
  const { request } = exchange;
  const session = sessions.findByAddress(exchange.prefix.slice(1));
  if (session === undefined) admitAddress(cloud, exchange, "");
  else admitPrincipal(cloud, exchange, session.principalId);
  if (row === undefined) return refuseMachine({ kind: "path-unknown" });
  if (session?.form !== row.form) return refuseMachine({ kind: "session-unknown" });
  if (request.method !== "GET") return refuseMachine({ kind: "method-not-allowed" });
  const challenge = row.prove({ request, session, sessions, challenges });
  if (challenge !== undefined) return challenge;
  const query = new TokenQuery(exchange.query);
  query.requireApiVersion(row.oldestApiVersion);
  const { identity, servicePrincipal } = findIdentity(cloud, session);
  const selectors = query.requireIdentity(identity);
  const { displayName: tenant } = cloud.model.tenant;
  const name = query.resource(tenant);
  const resource = findResource(cloud.model, name, options.ownOrigins());
  const isEnabled = resource !== undefined && isResourceEnabled(cloud.model, resource);
  const outcome = resource === undefined ? 500011 : isEnabled ? 0 : 500014;
  record(cloud, exchange, servicePrincipal, resource?.audience ?? "", outcome);
  if (resource === undefined) return refuseMachine({ kind: "resource-unknown", resource: name, tenant });
  if (!isEnabled) refuseMachine({ kind: "resource-disabled", resource: name });
  const resourceId = scopeOfManagedIdentity(identity);
  const issued = await options.issueToken({ servicePrincipal, resource, resourceId });
  const body = row.render({
    identity,
    resource: resource.audience,
    issued,
    lifetimeSeconds: managedIdentityLifetimeSeconds,
    selectors,
  });
  return { status: 200, body };
}

/** The session's identity as it is now: one that was deleted, or made anew under the same name, is not it. */
function findIdentity(
  { model }: Cloud,
  session: IdentitySession,
): { readonly identity: ManagedIdentity; readonly servicePrincipal: ServicePrincipal } {
  const identity = model.managedIdentities.get(session.identityKey);
  const servicePrincipal = model.servicePrincipals.get(session.principalId);
  if (identity?.principalId !== session.principalId || servicePrincipal === undefined)
    return refuseMachine({ kind: "identity-not-found" });
  if (!servicePrincipal.accountEnabled)
    return refuseMachine({ kind: "identity-disabled", clientId: identity.clientId });
  return { identity, servicePrincipal };
}

function record(
  cloud: Cloud,
  { requestId }: Exchange,
  { id, appId }: ServicePrincipal,
  resource: string,
  errorCode: number,
): void {
  cloud.recorder.recordSignIn({
    time: cloud.ports.now().toISOString(),
    requestId,
    correlationId: requestId,
    appId,
    principalId: id,
    userPrincipalName: "",
    resource,
    grant: "managed_identity",
    credentialKeyId: "",
    errorCode,
  });
}

function commonHeaders({ requestId }: Exchange): Record<string, string> {
  return { "cache-control": "no-store", pragma: "no-cache", "x-ms-request-id": requestId };
}
