/**
 * Who tokens say issued them. Azure's own names, whatever host the client came by: clients and resource servers compare them.
 * @see https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-the-issuer
 */
import type { TokenForm } from "./signer.ts";

export function issuerOf(version: TokenForm, tenantId: string): string {
  return version === "1.0"
    ? `https://sts.windows.net/${tenantId}/`
    : `https://login.microsoftonline.com/${tenantId}/v2.0`;
}
