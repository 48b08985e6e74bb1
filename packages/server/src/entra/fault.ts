/**
 * Why the Entra surface refuses, as data: one closed union, worded by render.ts. Holds nothing secret.
 */

export type EntraFault =
  // the request's form
  | { readonly kind: "request-malformed" }
  | { readonly kind: "body-too-large" }
  | { readonly kind: "parameter-missing"; readonly parameter: string }
  | { readonly kind: "credential-field-missing"; readonly field: string }
  | { readonly kind: "method-not-allowed"; readonly method: string; readonly allowed: string }
  | { readonly kind: "path-unknown" }
  /** Entra has it, this server does not yet. */
  | { readonly kind: "not-implemented"; readonly what: string }
  // the tenant
  | { readonly kind: "tenant-unknown"; readonly tenant: string; readonly endpoint: "discovery" | "token" }
  | { readonly kind: "tenant-malformed"; readonly tenant: string }
  | { readonly kind: "tenant-needed" }
  /** The path has no place for one. */
  | { readonly kind: "tenant-missing" }
  | { readonly kind: "grant-needs-tenant" }
  | { readonly kind: "instance-unknown" }
  // the client
  | { readonly kind: "client-unknown"; readonly client: string; readonly tenant: string }
  | { readonly kind: "client-without-principal"; readonly appId: string; readonly tenantId: string }
  | { readonly kind: "client-disabled"; readonly appId: string; readonly appName: string }
  | { readonly kind: "client-public" }
  | { readonly kind: "secret-missing"; readonly grant: string }
  | { readonly kind: "secret-wrong"; readonly appId: string }
  | { readonly kind: "secret-expired"; readonly appId: string }
  | { readonly kind: "client-personal-only"; readonly appId: string; readonly appName: string }
  // the client's assertion
  | { readonly kind: "assertion-malformed" }
  | { readonly kind: "assertion-algorithm"; readonly algorithm: string; readonly supported: string }
  | {
      readonly kind: "assertion-signature";
      readonly appId: string;
      readonly thumbprint: string;
      readonly reason: "unknown" | "expired" | "not-yet-valid" | "wrong";
    }
  /** Its certificate is of another subject: only Microsoft's own applications may be known by a subject's name. */
  | { readonly kind: "certificate-name"; readonly names: string }
  | { readonly kind: "assertion-of-another" }
  | { readonly kind: "assertion-audience" }
  | { readonly kind: "assertion-time"; readonly now: Date; readonly start: Date; readonly end: Date }
  | { readonly kind: "assertion-chain" }
  | { readonly kind: "assertion-of-entra" }
  | { readonly kind: "assertion-of-person" }
  | { readonly kind: "federation-none"; readonly issuer: string; readonly subject: string; readonly audience: string }
  | { readonly kind: "federation-issuer"; readonly issuer: string }
  | { readonly kind: "federation-subject"; readonly subject: string }
  | { readonly kind: "federation-expression"; readonly subject: string }
  | { readonly kind: "federation-audience"; readonly audience: string }
  | { readonly kind: "federation-signature"; readonly reason: string }
  | { readonly kind: "issuer-unreachable" }
  // a person's token, presented on behalf of them
  | {
      readonly kind: "user-assertion-audience";
      readonly audience: string;
      readonly appId: string;
      readonly appName: string;
    }
  | { readonly kind: "user-assertion-expired"; readonly now: Date; readonly expires: Date }
  | { readonly kind: "user-assertion-signature"; readonly reason: string }
  | { readonly kind: "on-behalf-of-app"; readonly appId: string }
  | {
      readonly kind: "person-not-assigned";
      readonly user: string;
      readonly appId: string;
      readonly appName: string;
    }
  | { readonly kind: "token-for-itself"; readonly appId: string; readonly appName: string }
  | { readonly kind: "directory-access-needed"; readonly appId: string; readonly appName: string }
  // the grant
  | { readonly kind: "grant-unsupported"; readonly grant: string }
  | { readonly kind: "user-unknown"; readonly tenantId: string }
  | { readonly kind: "password-wrong" }
  /** It is right, and good for nothing but to be changed. */
  | { readonly kind: "password-expired" }
  | { readonly kind: "user-disabled" }
  | { readonly kind: "account-locked" }
  /** A code or token that is not ours, or not this client's. */
  | { readonly kind: "code-invalid"; readonly parameter: "code" | "refresh_token" | "device_code" }
  | { readonly kind: "code-expired" }
  | { readonly kind: "code-redeemed" }
  | { readonly kind: "code-of-other-tenant" }
  | { readonly kind: "code-scope-empty" }
  | { readonly kind: "code-scope-invalid"; readonly scope: string }
  | { readonly kind: "verifier-mismatch" }
  | { readonly kind: "verifier-needed" }
  | { readonly kind: "redirect-differs"; readonly given: string; readonly asked: string }
  | { readonly kind: "origin-needed" }
  | { readonly kind: "origin-not-allowed"; readonly origin: string }
  | { readonly kind: "grant-revoked" }
  | { readonly kind: "spa-refresh-token-expired"; readonly issued: Date }
  | { readonly kind: "device-code-pending" }
  | { readonly kind: "device-code-expired" }
  | { readonly kind: "device-code-declined" }
  | { readonly kind: "device-code-unknown" }
  | { readonly kind: "user-code-missing" }
  | { readonly kind: "user-code-unknown" }
  | { readonly kind: "user-code-expired" }
  | { readonly kind: "user-code-used" }
  | { readonly kind: "user-code-guessed" }
  | { readonly kind: "refresh-token-expired"; readonly issued: Date }
  | { readonly kind: "refresh-token-revoked"; readonly issued: Date; readonly validFrom: Date }
  // the authorization request
  | { readonly kind: "redirect-unregistered"; readonly redirectUri: string; readonly appId: string }
  | { readonly kind: "redirect-missing" }
  | { readonly kind: "response-type-unsupported"; readonly responseType: string }
  | { readonly kind: "response-type-disabled"; readonly responseType: string }
  | { readonly kind: "response-mode-unsupported"; readonly responseMode: string }
  | { readonly kind: "challenge-missing" }
  | { readonly kind: "challenge-size" }
  | { readonly kind: "parameter-invalid"; readonly parameter: string }
  | { readonly kind: "tenant-of-app-needed"; readonly appId: string; readonly appName: string }
  // the sign-in page
  | { readonly kind: "page-expired" }
  | { readonly kind: "page-foreign" }
  | { readonly kind: "sign-in-needed" }
  | { readonly kind: "account-choice-needed" }
  | { readonly kind: "sign-in-cancelled" }
  | { readonly kind: "consent-declined" }
  | { readonly kind: "consent-needs-administrator"; readonly appId: string; readonly appName: string }
  | { readonly kind: "consent-needed"; readonly appId: string; readonly appName: string }
  // the resource
  | {
      readonly kind: "resource-not-listed";
      readonly appId: string;
      readonly appName: string;
      readonly resource: string;
      readonly resourceAppId: string;
      /** appIds, joined by ", ". */
      readonly listed: string;
    }
  | { readonly kind: "graph-not-listed"; readonly appId: string }
  /** The application lists it, and the tenant does not have it. */
  | { readonly kind: "resource-not-enabled"; readonly resource: string; readonly tenant: string }
  | { readonly kind: "resource-disabled"; readonly resource: string }
  | { readonly kind: "resource-parameter" }
  | { readonly kind: "scope-invalid"; readonly scope: string }
  | { readonly kind: "scope-not-default"; readonly scopes: string }
  | { readonly kind: "scope-of-many-resources" }
  | { readonly kind: "scope-without-resource" }
  | { readonly kind: "resource-unknown"; readonly resource: string; readonly tenant: string }
  | { readonly kind: "consent-missing"; readonly appId: string; readonly appName: string }
  | {
      readonly kind: "role-needed";
      readonly appId: string;
      readonly appName: string;
      readonly resourceAppId: string;
      readonly resourceName: string;
    };

/** Thrown by every phase of a request; nothing has been issued when it is. */
export class EntraRefusal extends Error {
  readonly fault: EntraFault;
  constructor(fault: EntraFault) {
    super(fault.kind);
    this.name = "EntraRefusal";
    this.fault = fault;
  }
}

export function refuse(fault: EntraFault): never {
  throw new EntraRefusal(fault);
}
