/**
 * A managed identity for one program: asks the server for a session, keeps it while the program runs, and ends it. May use: azure/, own-plane.ts.
 *
 * The session's address is a secret between the server and the program: it goes into the program's environment and nowhere else.
 */
import { failure } from "../faults.ts";
import type { Json, ServiceClient } from "../http/service-client.ts";
import { ServiceFault } from "../http/service-fault.ts";
import type { Notes } from "../notes.ts";
import { openOwnPlane } from "../own-plane.ts";
import type { Session } from "../session.ts";

/** Which of Azure's identity endpoints the program finds, in this command line's words and in the server's. */
const identityForms = { "app-service": "AppService", imds: "Imds", arc: "AzureArc" } as const;
export type IdentityForm = keyof typeof identityForms;
export const identityFormNames = Object.keys(identityForms) as readonly IdentityForm[];

const base = "/postern/identitySessions";

/** What the server answers, as far as the program's environment needs it. */
export interface IdentityAddresses {
  readonly endpoint: string;
  readonly header?: string | undefined;
  readonly imdsEndpoint?: string | undefined;
}

/**
 * The variables by which clients find an identity endpoint.
 * @see https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference
 * @see https://learn.microsoft.com/azure/azure-arc/servers/managed-identity-authentication
 */
export function identityVariables(form: IdentityForm, addresses: IdentityAddresses): Record<string, string> {
  const { endpoint, header = "", imdsEndpoint = "" } = addresses;
  switch (form) {
    case "app-service":
      return { IDENTITY_ENDPOINT: endpoint, IDENTITY_HEADER: header };
    case "imds":
      return { AZURE_POD_IDENTITY_AUTHORITY_HOST: endpoint };
    case "arc":
      return { IDENTITY_ENDPOINT: endpoint, IMDS_ENDPOINT: imdsEndpoint };
  }
}

export interface IdentityRequest {
  readonly resourceId: string;
  readonly form: IdentityForm;
}

/**
 * Runs something within a session of an identity.
 * @throws ServiceFault when the operator may not assign the identity, and whatever `work` throws.
 */
export async function withIdentitySession<Result>(
  session: Session,
  { resourceId, form }: IdentityRequest,
  notes: Notes,
  work: (variables: Record<string, string>) => Promise<Result>,
): Promise<Result> {
  const client = openOwnPlane(session, "resource-manager");
  const started = await client.json("POST", base, { resourceId, form: identityForms[form] });
  const path = `${base}/${encodeURIComponent(text(started, "id"))}`;
  if (started.isAgentFolder === false) warnOfFolder(notes, text(started, "challengeFolder"));
  const renewal = keepRenewing(client, path, Number(started.renewAfterSeconds), notes);
  try {
    return await work(
      identityVariables(form, {
        endpoint: text(started, "endpoint"),
        header: optionalText(started, "header"),
        imdsEndpoint: optionalText(started, "imdsEndpoint"),
      }),
    );
  } finally {
    clearInterval(renewal);
    // A server that is gone knows no session any more; what it does not hear of now, it ends by itself.
    await client.send("DELETE", path).catch(() => {});
  }
}

/** A try that fails is repeated; only a refusal is the end. */
function keepRenewing(client: ServiceClient, path: string, everySeconds: number, notes: Notes): NodeJS.Timeout {
  const timer = setInterval(async () => {
    try {
      await client.send("POST", `${path}/renew`);
    } catch (error) {
      if (!(error instanceof ServiceFault) || error.status >= 500) return;
      clearInterval(timer);
      notes.warn(`The program gets no more tokens of its identity: ${error.message}`);
    }
  }, everySeconds * 1000);
  return timer.unref();
}

function warnOfFolder(notes: Notes, folder: string): void {
  notes.warn(
    `Azure Arc's clients for Node, .NET and Go, and newer ones for Python, take challenge files from /var/opt/azcmagent/tokens only; that is not a folder the server can write, so ${folder} is used. To make it, once: sudo install -d -m 700 -o "$USER" /var/opt/azcmagent/tokens`,
  );
}

function text(answer: Json, name: string): string {
  return optionalText(answer, name) ?? failWithout(name);
}

function optionalText(answer: Json, name: string): string | undefined {
  const value = answer[name];
  return typeof value === "string" ? value : undefined;
}

function failWithout(name: string): never {
  throw failure(`The server answered an identity session without '${name}'.`);
}
