/** What `ad app credential reset` and `ad sp credential reset` share: only whose credential it is differs. May use: azure/, state/. */
import { addPassword, type CredentialOwner, readLifetime, removePasswords } from "../../azure/applications.ts";
import {
  type CertificateArguments,
  certificateKey,
  prepareCertificate,
  wantsCertificate,
} from "../../azure/certificate-credential.ts";
import type { Context } from "../../command/command.ts";
import type { Json } from "../../http/service-client.ts";
import type { Session } from "../../session.ts";
import { keepCredential } from "../../state/credentials.ts";
import { warnOfCredential } from "./options.ts";

export interface ResetRequest extends CertificateArguments {
  readonly owner: CredentialOwner;
  /** The application or service principal, as Graph shows it. */
  readonly object: Json;
  readonly append: boolean;
  readonly displayName: string | undefined;
  readonly years: number | undefined;
  readonly endDate: string | undefined;
}

/** Makes a new secret or certificate in place of the old secrets, or beside them; a secret is kept for `env` and `run --as`. */
export async function resetCredential(context: Context, session: Session, request: ResetRequest): Promise<Json> {
  const { owner, object } = request;
  const hasCertificate = wantsCertificate(request);
  const lifetime = readLifetime(new Date(), request.years, request.endDate);
  const [appId, objectId] = [String(object.appId), String(object.id)];
  if (!request.append) await removePasswords(session.graph, owner, object);
  const tenant = session.identity.tenantId;
  if (hasCertificate) {
    const made = await prepareCertificate(request, lifetime, (text) => context.notes.warn(text));
    const key = certificateKey(made, request.displayName);
    const others = request.append && Array.isArray(object.keyCredentials) ? object.keyCredentials : [];
    await session.graph.send("PATCH", `/${owner}/${objectId}`, { keyCredentials: [...others, key] });
    warnOfCredential(context);
    return { appId, password: null, ...(made.file && { fileWithCertAndPrivateKey: made.file }), tenant };
  }
  const password = await addPassword(session.graph, owner, objectId, request.displayName ?? null, lifetime);
  await keepCredential(session.paths, {
    appId,
    displayName: String(object.displayName ?? ""),
    tenantId: tenant,
    clientSecret: password,
  });
  warnOfCredential(context);
  return { appId, password, tenant };
}
