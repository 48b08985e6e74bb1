/** Signing in as an app or as a machine's identity: nobody has to be asked. May use: http/, session.ts. */
import { resolve } from "node:path";
import { failure } from "../faults.ts";
import { readCertificateFile } from "../http/certificate-assertion.ts";
import type { StoredCredential } from "../http/stored-credential.ts";
import { requestToken } from "../http/tokens.ts";
import type { CloudAccess } from "../session.ts";
import { readClaims, type SignIn } from "./sign-in.ts";

export interface ApplicationSignIn {
  readonly username: string;
  readonly password: string | undefined;
  readonly tenant: string | undefined;
  readonly certificate: string | undefined;
  readonly useCertSnIssuer: boolean;
  readonly clientAssertion: string | undefined;
}

/** @throws ServiceFault (entra) when the credential is refused. */
export async function signInWithSecretOrCertificate(access: CloudAccess, request: ApplicationSignIn): Promise<SignIn> {
  const credential = credentialOf(request, request.tenant ?? access.local?.operator.tenantId ?? "");
  const token = await ask(access, credential);
  const tenantId = String(readClaims(token).tid ?? credential.tenantId);
  const user = { name: request.username, type: "servicePrincipal" } as const;
  return { credential: { ...credential, tenantId }, user, tenantId };
}

function credentialOf(request: ApplicationSignIn, tenantId: string): StoredCredential {
  if (tenantId === "")
    throw failure("usage error: --service-principal --username NAME --password SECRET --tenant TENANT");
  const who = { tenantId, clientId: request.username };
  if (request.certificate !== undefined) {
    const file = resolve(request.certificate);
    readCertificateFile(file);
    return { kind: "certificate", ...who, file, isSni: request.useCertSnIssuer };
  }
  if (request.clientAssertion !== undefined) return { kind: "assertion", ...who, assertion: request.clientAssertion };
  return { kind: "secret", ...who, clientSecret: request.password ?? "" };
}

export interface MachineSignIn {
  readonly clientId: string | undefined;
  readonly objectId: string | undefined;
  readonly resourceId: string | undefined;
}

/** As whatever identity this machine has. @throws CliFault (failure) when it has none. */
export async function signInMachine(access: CloudAccess, request: MachineSignIn): Promise<SignIn> {
  const ids = [request.clientId, request.objectId, request.resourceId].filter((id) => id !== undefined);
  if (ids.length > 1) throw failure("Usage error: Provide only one of --client-id, --object-id, --resource-id.");
  const credential: StoredCredential = {
    kind: "managed-identity",
    tenantId: "",
    clientId: request.clientId ?? "",
    ...(request.objectId !== undefined && { objectId: request.objectId }),
    ...(request.resourceId !== undefined && { resourceId: request.resourceId }),
  };
  const tenantId = String(readClaims(await ask(access, credential)).tid ?? "");
  const name = ids.length === 0 ? "systemAssignedIdentity" : "userAssignedIdentity";
  const user = { name, type: "servicePrincipal", assignedIdentityInfo: describe(request) } as const;
  return { credential: { ...credential, tenantId }, user, tenantId };
}

/** az's `assignedIdentityInfo`. */
function describe({ clientId, objectId, resourceId }: MachineSignIn): string {
  if (clientId !== undefined) return `MSIClient-${clientId}`;
  if (objectId !== undefined) return `MSIObject-${objectId}`;
  return resourceId === undefined ? "MSI" : `MSIResource-${resourceId}`;
}

async function ask({ transport, endpoints }: CloudAccess, credential: StoredCredential): Promise<string> {
  const { authority, resourceManagerAudience } = endpoints;
  return (await requestToken(transport, authority, credential, resourceManagerAudience, () => Date.now())).accessToken;
}
