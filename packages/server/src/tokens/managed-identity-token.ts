/**
 * Access tokens of managed identities: an application's token in all but the proof, the life, and the claim that names the resource.
 *
 * Owns: their lifetime. May use: claims, key ring, signer, the read model, the ports. It trusts its caller (the machines' endpoints) to have
 * judged who asks; the verifier judges the principal again on every use.
 * @see https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/managed-identities-faq
 */
import type { ServicePrincipal } from "../state/entities.ts";
import type { Ports } from "../state/ports.ts";
import type { ReadModel } from "../state/read-model.ts";
import type { Resource } from "./audiences.ts";
import { appClaims } from "./claims.ts";
import type { KeyRing } from "./key-ring.ts";
import { makeMarks } from "./marks.ts";
import { backdatingSeconds, type IssuedToken } from "./service.ts";
import { signToken } from "./signer.ts";
import { contentForApp } from "./token-content.ts";

/** Life from the moment of issue, in seconds: 24 h, so that exp - iat is 86,700 as in decoded tokens. */
export const managedIdentityLifetimeSeconds = 86_400;

export type ManagedIdentityTokenRequest = {
  readonly servicePrincipal: ServicePrincipal;
  readonly resource: Resource;
  /** The identity's resource id, as Azure spells it; becomes `xms_mirid`. */
  readonly resourceId: string;
};

export type ManagedIdentityTokens = (request: ManagedIdentityTokenRequest) => Promise<IssuedToken>;

export function createManagedIdentityTokens(parts: {
  readonly keyRing: KeyRing;
  readonly model: ReadModel;
  readonly ports: Ports;
}): ManagedIdentityTokens {
  const { keyRing, model, ports } = parts;
  return async ({ servicePrincipal, resource, resourceId }) => {
    const seconds = Math.floor(ports.now().getTime() / 1000);
    const validity = {
      notBefore: seconds - backdatingSeconds,
      expiresAt: seconds + managedIdentityLifetimeSeconds,
    };
    const content = contentForApp(model, servicePrincipal, resource);
    const claims = appClaims({
      tenant: model.tenant,
      servicePrincipal,
      resource,
      validity,
      marks: makeMarks(ports),
      directoryRoleIds: model.directoryRoleAssignments
        .find("principalId", servicePrincipal.id)
        .map(({ roleTemplateId }) => roleTemplateId),
      // A managed identity proves itself with a certificate that Azure keeps for it.
      proof: "2",
      content,
    });
    const token = await signToken(keyRing.current, content.version, { ...claims, xms_mirid: resourceId });
    return { token, validity };
  };
}
