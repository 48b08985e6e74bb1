/**
 * The on-behalf-of grant: an API that was called with a person's token asks for a token of another API for the same person.
 *
 * The token it presents must be one of ours, for this very application, of a person, and good today; what the application may then do for the
 * person is what was consented to, as in any other sign-in.
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-on-behalf-of-flow
 */
import type { User } from "../../state/entities.ts";
import { findResource } from "../../tokens/audiences.ts";
import { backdatingSeconds } from "../../tokens/service.ts";
import { TokenRefusal, type VerifiedToken } from "../../tokens/token.ts";
import { authenticateClient, type Client } from "../client.ts";
import { refuse } from "../fault.ts";
import { need } from "../form.ts";
import { issueForPerson } from "../person-grant.ts";
import type { Grant } from "../token-request.ts";
import type { Visit } from "../visit.ts";

export const onBehalfOf: Grant = {
  grantType: "urn:ietf:params:oauth:grant-type:jwt-bearer",
  needsTenant: false,
  async issue(request) {
    const { visit, form, client, claim, attempt } = request;
    const assertion = need(form, "assertion");
    if (need(form, "requested_token_use") !== "on_behalf_of")
      refuse({ kind: "parameter-invalid", parameter: "requested_token_use" });
    // Whoever holds the token of a public client's API could ask in its name: only a proved client may.
    const proof = authenticateClient(visit, { ...client, isPublic: false }, claim, this.grantType, attempt);
    const token = verify(visit, client, assertion);
    const user = personOf(visit, token);
    attempt.principalId = user.id;
    attempt.userPrincipalName = user.userPrincipalName;
    const authTime = token.claims.auth_time;
    const signedInAtMs = typeof authTime === "number" ? authTime * 1000 : token.issuedAt * 1000;
    return issueForPerson(request, { user, proof, platform: "web", origin: "", signedInAtMs });
  },
};

function verify({ cloud, now, ownOrigins }: Visit, client: Client, assertion: string): VerifiedToken {
  const { appId, displayName: appName } = client;
  const isForClient = (audience: string) => {
    const resource = findResource(cloud.model, audience, ownOrigins);
    return resource?.kind === "application" && resource.appId === appId;
  };
  try {
    const token = cloud.verifier.verify(assertion, isForClient);
    if (token.kind !== "user") refuse({ kind: "on-behalf-of-app", appId });
    return token;
  } catch (cause) {
    if (!(cause instanceof TokenRefusal)) throw cause;
    const { fault } = cause;
    switch (fault.kind) {
      case "token-audience":
        return refuse({ kind: "user-assertion-audience", audience: fault.audience, appId, appName });
      case "token-expired":
        return refuse({ kind: "user-assertion-expired", now, expires: fault.expiredAt });
      case "token-key-unknown":
        return refuse({ kind: "user-assertion-signature", reason: "The key was not found." });
      case "token-malformed":
        return refuse({ kind: "assertion-malformed" });
      default:
        return refuse({
          kind: "user-assertion-signature",
          reason: "Key was found, but use of the key to verify the signature failed.",
        });
    }
  }
}

/** Sessions that were revoked after the token was issued end here, too. */
function personOf({ cloud }: Visit, { principalId, issuedAt }: VerifiedToken): User {
  const { model } = cloud;
  const user = model.users.get(principalId);
  if (user === undefined) return refuse({ kind: "user-unknown", tenantId: model.tenant.tenantId });
  if (!user.accountEnabled) refuse({ kind: "user-disabled" });
  const issued = new Date(issuedAt * 1000);
  const validFrom = new Date(user.signInSessionsValidFromDateTime);
  const backdated = new Date(issued.getTime() + backdatingSeconds * 1000);
  if (backdated < validFrom) refuse({ kind: "refresh-token-revoked", issued, validFrom });
  return user;
}
