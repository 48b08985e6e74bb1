/**
 * Starting, renewing and ending identity sessions: Postern's own operations, on its HTTPS port, for the launcher.
 *
 * Whoever may assign the identity to a resource on Azure may start a program as it here: the same operation, at the same scope, by the same
 * decision. The answers and errors are of Resource Manager's shape.
 * @see https://learn.microsoft.com/azure/role-based-access-control/permissions/identity#microsoftmanagedidentity
 */
import { type Ask, attributeNames, decide } from "@postern/access";
import type { Cloud } from "../cloud.ts";
import { pointToExplanation, settle } from "../observe/gate.ts";
import { answerCaller, PosternRefusal, refuseRight } from "../postern-caller.ts";
import type { PosternRow } from "../postern-surface.ts";
import { findManagedIdentity, managedIdentityType, parseIdentityId } from "../resources/managed-identities.ts";
import { scopeOfManagedIdentity } from "../resources/scopes.ts";
import { keyOf } from "../state/entities.ts";
import type { PrincipalId } from "../state/identifiers.ts";
import { BodyRefusal, readJson } from "../wire/body.ts";
import type { Exchange, Reply } from "../wire/exchange.ts";
import type { ChallengeFiles } from "./challenge-files.ts";
import { maxSessionBodyBytes, maxSessions, renewAfterSeconds } from "./limits.ts";
import { formPaths } from "./operations.ts";
import { type IdentitySession, type IdentitySessions, type SessionForm, sessionForms } from "./sessions.ts";

const assignAction = "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action";
const base = "/postern/identitySessions";

export type SessionParts = {
  readonly cloud: Cloud;
  readonly isAudience: (audience: string) => boolean;
  readonly sessions: IdentitySessions;
  readonly challenges: ChallengeFiles;
  /** Starts the endpoint unless it runs. @returns its origin. */
  readonly listen: () => Promise<string>;
};

type Handler = (parts: SessionParts, exchange: Exchange, caller: PrincipalId, sessionId: string) => Promise<Reply>;

export function createSessionRows(parts: SessionParts): readonly PosternRow[] {
  const { cloud, isAudience } = parts;
  const row = (
    described: Pick<PosternRow, "operation" | "method" | "match" | "pattern" | "sample">,
    handler: Handler,
  ): PosternRow => ({
    ...described,
    permission: assignAction,
    doc: "https://learn.microsoft.com/azure/role-based-access-control/permissions/identity#microsoftmanagedidentity",
    handle: (exchange, match) =>
      answerCaller(cloud, exchange, { service: "Resource Manager", isAudience }, ({ principalId }) =>
        handler(parts, exchange, principalId, (match[1] ?? "").toLowerCase()),
      ),
  });
  const sampleId = "00000000-0000-0000-0000-0000000000aa";
  const resourceId = `/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg1/providers/${managedIdentityType}/identity1`;
  const sample = {
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ resourceId, form: "Imds" }),
  };
  return [
    row(
      {
        operation: "Start identity session",
        method: "POST",
        match: base,
        pattern: /^\/postern\/identitySessions$/i,
        sample: { target: base, ...sample },
      },
      start,
    ),
    row(
      {
        operation: "Renew identity session",
        method: "POST",
        match: `${base}/{id}/renew`,
        pattern: /^\/postern\/identitySessions\/([0-9a-f-]{36})\/renew$/i,
        sample: { target: `${base}/${sampleId}/renew` },
      },
      renew,
    ),
    row(
      {
        operation: "End identity session",
        method: "DELETE",
        match: `${base}/{id}`,
        pattern: /^\/postern\/identitySessions\/([0-9a-f-]{36})$/i,
        sample: { target: `${base}/${sampleId}` },
      },
      end,
    ),
  ];
}

/** @throws PosternRefusal 403, in the words of Resource Manager. */
function requireAssign({ cloud }: SessionParts, exchange: Exchange, principalId: PrincipalId, scope: string): void {
  const environment = {
    [attributeNames.utcNow]: cloud.ports.now().toISOString(),
    [attributeNames.isPrivateLink]: false,
  };
  const ask: Ask = {
    principalId,
    operation: assignAction,
    isDataAction: false,
    scope,
    subOperations: [],
    // The same as Resource Manager's own operation says to a condition: it has no attributes of its own.
    attributes: { environment, principal: {}, resource: {}, request: {} },
  };
  const answers = [{ ask, decision: decide(cloud.model.access, ask) }];
  if (settle(cloud, exchange, { surface: "arm", operation: "Assign managed identity", answers }) >= 0) return;
  pointToExplanation(cloud, exchange);
  refuseRight(principalId, assignAction, scope);
}

async function start(parts: SessionParts, exchange: Exchange, caller: PrincipalId): Promise<Reply> {
  const { cloud, sessions } = parts;
  const { resourceId, form } = await readStart(exchange);
  const place = parseIdentityId(resourceId);
  if (place === undefined)
    throw new PosternRefusal(400, "InvalidResourceId", "'resourceId' is not that of a user-assigned identity.");
  const scope = scopeOfManagedIdentity(place);
  requireAssign(parts, exchange, caller, scope);
  const row = findManagedIdentity(cloud.model, place);
  if (row === undefined) {
    throw new PosternRefusal(
      404,
      "ResourceNotFound",
      `The Resource '${managedIdentityType}/${place.name}' under resource group '${place.resourceGroup}' was not found.`,
    );
  }
  const origin = await parts.listen();
  const started = sessions.start(form, { key: keyOf.managedIdentity(row), row }, caller);
  if (started === undefined)
    throw new PosternRefusal(
      409,
      "TooManyIdentitySessions",
      `No more than ${maxSessions} identity sessions can be open.`,
    );
  const { session, secrets } = started;
  const endpoint = `${origin}/${secrets.address}`;
  const body = {
    ...sessionBody(session),
    resourceId: scopeOfManagedIdentity(row),
    clientId: row.clientId,
    ...addresses(parts, form, endpoint, secrets.header),
  };
  return { status: 201, body };
}

/** What each form's clients are told: App Service's a URL and a secret, a machine's a host, Arc's two URLs. */
function addresses({ challenges }: SessionParts, form: SessionForm, endpoint: string, header: string) {
  switch (form) {
    case "AppService":
      return { endpoint: endpoint + formPaths.AppService, header };
    case "Imds":
      return { endpoint };
    case "AzureArc":
      return {
        endpoint: endpoint + formPaths.AzureArc,
        imdsEndpoint: `${endpoint}/himds`,
        challengeFolder: challenges.folder(),
        isAgentFolder: challenges.isSharedFolderUsed(),
      };
  }
}

/** The session, for the one who started it; another learns neither that it is there nor that it is not. */
function requireOwn({ sessions }: SessionParts, caller: PrincipalId, id: string): IdentitySession {
  const session = sessions.get(id);
  if (session === undefined || session.startedBy !== caller)
    throw new PosternRefusal(403, "AuthorizationFailed", `There is no identity session '${id}' that you started.`);
  return session;
}

/** Decided anew each time: who may no longer assign the identity loses the program's too. */
async function renew(parts: SessionParts, exchange: Exchange, caller: PrincipalId, id: string): Promise<Reply> {
  const session = requireOwn(parts, caller, id);
  const identity = parts.cloud.model.managedIdentities.get(session.identityKey);
  try {
    if (identity?.principalId !== session.principalId)
      throw new PosternRefusal(404, "ResourceNotFound", "The managed identity of this session was deleted.");
    requireAssign(parts, exchange, caller, scopeOfManagedIdentity(identity));
  } catch (cause) {
    parts.sessions.end(id);
    throw cause;
  }
  return { status: 200, body: sessionBody(parts.sessions.renew(session)) };
}

async function end(parts: SessionParts, _: Exchange, caller: PrincipalId, id: string): Promise<Reply> {
  requireOwn(parts, caller, id);
  parts.sessions.end(id);
  return { status: 204 };
}

function sessionBody({ id, form, expiresAt }: IdentitySession) {
  return { id, form, expiresOn: expiresAt.toISOString(), renewAfterSeconds };
}

async function readStart({ request }: Exchange): Promise<{ readonly resourceId: string; readonly form: SessionForm }> {
  const body = await readJson(request, maxSessionBodyBytes).catch((cause: unknown) => {
    if (!(cause instanceof BodyRefusal)) throw cause;
    const isLarge = cause.fault.kind === "body-too-large";
    throw new PosternRefusal(
      isLarge ? 413 : 400,
      isLarge ? "RequestContentTooLarge" : "InvalidRequestContent",
      isLarge
        ? `The request content has more than ${maxSessionBodyBytes} bytes.`
        : "The request body must be one JSON object.",
    );
  });
  const { resourceId, form } = (typeof body === "object" && body !== null ? body : {}) as Readonly<
    Record<string, unknown>
  >;
  const known = sessionForms.find((one) => one === form);
  if (typeof resourceId !== "string" || known === undefined) {
    throw new PosternRefusal(
      400,
      "InvalidRequestContent",
      `'resourceId' must be a resource id, and 'form' one of ${sessionForms.join(", ")}.`,
    );
  }
  return { resourceId, form: known };
}
