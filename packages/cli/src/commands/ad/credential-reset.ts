/** What `ad app credential reset` and `ad sp credential reset` share: only whose secret it is differs. May use: azure/, state/. */
import { addPassword, type CredentialOwner, readLifetime, removePasswords } from "../../azure/applications.ts";
import type { Context } from "../../command/command.ts";
import type { Json } from "../../http/service-client.ts";
import type { Session } from "../../session.ts";
import { keepCredential } from "../../state/credentials.ts";
import { warnOfCredential } from "./options.ts";

export interface ResetRequest {
  readonly owner: CredentialOwner;
  /** The application or service principal, as Graph shows it. */
  readonly object: Json;
  readonly append: boolean;
  readonly displayName: string | undefined;
  readonly years: number | undefined;
  readonly endDate: string | undefined;
}

/** Makes a new secret in place of the old ones, or beside them; keeps it for `env` and `run --as`. */
export async function resetCredential(context: Context, session: Session, request: ResetRequest): Promise<Json> {
  const { owner, object } = request;
  const lifetime = readLifetime(new Date(), request.years, request.endDate);
  const [appId, objectId] = [String(object.appId), String(object.id)];
  if (!request.append) await removePasswords(session.graph, owner, object);
  const password = await addPassword(session.graph, owner, objectId, request.displayName ?? null, lifetime);
  const { tenantId } = session.operator;
  await keepCredential(session.paths, {
    appId,
    displayName: String(object.displayName ?? ""),
    tenantId,
    clientSecret: password,
  });
  warnOfCredential(context);
  return { appId, password, tenant: tenantId };
}
