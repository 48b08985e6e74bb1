/** A certificate as Graph shows it. @see https://learn.microsoft.com/graph/api/resources/keycredential */
import type { KeyCredential } from "../state/entities.ts";
import { renderTime } from "./resource-type.ts";

/** The one kind of certificate that signs in: others sign SAML or are secrets by another name. */
export const keyType = "AsymmetricX509Cert";
export const keyUsage = "Verify";

/** A certificate as it is shown. @param isKeyShown the certificate itself, too. */
export function renderKey(credential: KeyCredential, isKeyShown = false): Readonly<Record<string, unknown>> {
  return {
    customKeyIdentifier: credential.customKeyIdentifier,
    displayName: credential.displayName,
    endDateTime: renderTime(credential.endDateTime, true),
    key: isKeyShown ? credential.certificate : null,
    keyId: credential.keyId,
    startDateTime: renderTime(credential.startDateTime, true),
    type: keyType,
    usage: keyUsage,
  };
}
