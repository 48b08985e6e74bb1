/**
 * The operation table of the machines: one row for each of Azure's identity endpoints, with the proof that each asks for on top of the
 * session's address, and the shape of its answer.
 * @see https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token
 * @see https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference
 * @see https://learn.microsoft.com/azure/azure-arc/servers/managed-identity-authentication
 */
import type { ManagedIdentity } from "../state/entities.ts";
import type { IssuedToken } from "../tokens/service.ts";
import type { Reply } from "../wire/exchange.ts";
import type { IncomingRequest } from "../wire/messages.ts";
import type { OperationRow } from "../wire/operation.ts";
import type { ChallengeFiles } from "./challenge-files.ts";
import { refuseMachine } from "./fault.ts";
import type { IdentitySession, IdentitySessions, SessionForm } from "./sessions.ts";
import { selectorValue } from "./token-request.ts";

export type Proof = {
  readonly request: IncomingRequest;
  readonly session: IdentitySession;
  readonly sessions: IdentitySessions;
  readonly challenges: ChallengeFiles;
};

export type Answer = {
  readonly identity: ManagedIdentity;
  /** The `aud`, as it was asked for. */
  readonly resource: string;
  readonly issued: IssuedToken;
  readonly lifetimeSeconds: number;
  /** Names of the query's parameters that chose the identity. */
  readonly selectors: readonly string[];
};

export type MachineRow = OperationRow & {
  readonly form: SessionForm;
  /** What follows the session's address. */
  readonly path: string;
  readonly oldestApiVersion: string;
  /** @returns a challenge to answer first, or undefined when the proof is good. @throws MachineRefusal. */
  readonly prove: (proof: Proof) => Reply | undefined;
  readonly render: (answer: Answer) => Record<string, string>;
};

/** Path of each form's endpoint below a session's address; what a client appends itself is not part of what it is told. */
export const formPaths: Readonly<Record<SessionForm, string>> = {
  AppService: "/msi/token",
  Imds: "/metadata/identity/oauth2/token",
  AzureArc: "/himds/metadata/identity/oauth2/token",
};

/** The address of a session that there is not. */
const sampleAddress = "a".repeat(64);

function proveAppService({ request, session, sessions }: Proof): undefined {
  const presented = request.headers["x-identity-header"];
  if (typeof presented !== "string" || !sessions.isHeader(session, presented))
    refuseMachine({ kind: "identity-header-wrong" });
}

/** What a web page in a browser, or a server tricked into fetching an address, cannot send. */
function proveImds({ request }: Proof): undefined {
  if (request.headers["x-forwarded-for"] !== undefined) refuseMachine({ kind: "forwarded" });
  if (request.headers.metadata !== "true" && request.headers.metadata !== "True")
    refuseMachine({ kind: "metadata-header-missing" });
}

function proveArc(proof: Proof): Reply | undefined {
  proveImds(proof);
  const { request, session, challenges } = proof;
  const secret = /^Basic +(\S+)\s*$/i.exec(request.headers.authorization ?? "")?.[1];
  if (secret !== undefined && challenges.spend(session.id, secret)) return undefined;
  return {
    status: 401,
    // Without quotes: clients take what follows the equals sign for the path.
    headers: { "www-authenticate": `Basic realm=${challenges.make(session.id)}` },
    body: {
      error: "unauthorized",
      error_description: "Read the file that the challenge names and send what it holds.",
    },
  };
}

function renderAppService({ identity, resource, issued }: Answer): Record<string, string> {
  return {
    access_token: issued.token,
    expires_on: String(issued.validity.expiresAt),
    resource,
    token_type: "Bearer",
    client_id: identity.clientId.toUpperCase(), // as App Service spells it
  };
}

function renderImds({ identity, resource, issued, lifetimeSeconds }: Answer): Record<string, string> {
  const expiresIn = String(lifetimeSeconds - 1);
  return {
    access_token: issued.token,
    client_id: identity.clientId,
    expires_in: expiresIn,
    expires_on: String(issued.validity.expiresAt),
    ext_expires_in: expiresIn,
    not_before: String(issued.validity.notBefore),
    resource,
    token_type: "Bearer",
  };
}

/** MSAL takes a chosen identity from Arc only when the answer says which it was. */
function renderArc(answer: Answer): Record<string, string> {
  const chosen = answer.selectors.map((name) => [name, selectorValue(name, answer.identity)] as const);
  return { ...renderImds(answer), ...Object.fromEntries(chosen) };
}

function row(input: Omit<MachineRow, "method" | "match" | "path" | "permission" | "sample">): MachineRow {
  const path = formPaths[input.form];
  return {
    ...input,
    method: "GET",
    path,
    match: `/{session}${path}`,
    permission: "an identity session",
    sample: {
      target: `/${sampleAddress}${path}?api-version=${input.oldestApiVersion}&resource=https%3A%2F%2Fstorage.azure.com`,
      headers: { metadata: "true" },
    },
  };
}

export const machineRows: readonly MachineRow[] = [
  row({
    operation: "Get token (App Service)",
    form: "AppService",
    oldestApiVersion: "2019-08-01",
    doc: "https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference",
    prove: proveAppService,
    render: renderAppService,
  }),
  row({
    operation: "Get token (instance metadata)",
    form: "Imds",
    oldestApiVersion: "2018-02-01",
    doc: "https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token",
    prove: proveImds,
    render: renderImds,
  }),
  row({
    operation: "Get token (Azure Arc)",
    form: "AzureArc",
    oldestApiVersion: "2019-08-15",
    doc: "https://learn.microsoft.com/azure/azure-arc/servers/managed-identity-authentication",
    prove: proveArc,
    render: renderArc,
  }),
];
