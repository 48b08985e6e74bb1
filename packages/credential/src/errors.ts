/** The one error type of this package: what went wrong as a code, what it means, and what to do. Messages never hold secrets. */

/** The closed set of what can go wrong. */
export type CredentialErrorCode =
  | "unavailable"
  | "authentication_failed"
  | "interaction_required"
  | "chain_failed"
  | "misconfigured"
  | "network"
  | "aborted";

/** Entra ID's own words about a refused token. @see https://learn.microsoft.com/entra/identity-platform/reference-error-codes */
export interface ErrorResponse {
  error: string;
  errorDescription: string;
  errorCodes?: number[];
  correlationId?: string;
  timestamp?: string;
  traceId?: string;
}

export interface CredentialErrorDetails {
  readonly code: CredentialErrorCode;
  /** The class that failed, e.g. `ClientSecretCredential`. */
  readonly credential?: string | undefined;
  /** A sentence: what this means. */
  readonly meaning: string;
  /** A sentence: what to do. */
  readonly remedy?: string | undefined;
  /** The number of Entra ID's error, e.g. 7000215. */
  readonly aadsts?: number | undefined;
  readonly statusCode?: number | undefined;
  readonly errorResponse?: ErrorResponse | undefined;
  readonly errors?: readonly Error[] | undefined;
  /** What a person has to consent to or prove: passed on with the next request. */
  readonly claims?: string | undefined;
  readonly scopes?: string[] | undefined;
  readonly cause?: unknown;
  /** Where the code does not say it. */
  readonly name?: string;
}

/** Of what is not here it is "Authentication". `name` is what @azure/identity calls the same failure, without `Error`, because callers and its own chains compare names. */
const names: Readonly<Partial<Record<CredentialErrorCode, string>>> = {
  unavailable: "CredentialUnavailable",
  interaction_required: "AuthenticationRequired",
  misconfigured: "CredentialConfiguration",
  aborted: "Abort",
};

/** Every failure of this package. The message is `credential: AADSTSn: meaning remedy`. */
export class CredentialError extends Error {
  declare readonly code: CredentialErrorCode;
  declare readonly credential?: string;
  declare readonly meaning: string;
  declare readonly remedy?: string;
  declare readonly aadsts?: number;
  declare readonly statusCode?: number;
  declare readonly errorResponse?: ErrorResponse;
  declare readonly errors?: readonly Error[];
  declare readonly claims?: string;
  declare readonly scopes?: string[];

  constructor(details: CredentialErrorDetails) {
    const { credential, aadsts, meaning, remedy } = details;
    const subject = (credential ? `${credential}: ` : "") + (aadsts ? `AADSTS${aadsts}: ` : "");
    super(subject + meaning + (remedy ? ` ${remedy}` : ""), details);
    this.name = `${names[details.code] ?? "Authentication"}Error`;
    Object.assign(this, details);
  }
}

/** @returns an error of the code: `credential: meaning remedy`. */
export function fail(
  code: CredentialErrorCode,
  credential: string | undefined,
  meaning: string,
  remedy?: string,
  more?: Partial<CredentialErrorDetails>,
): CredentialError {
  return new CredentialError({ code, credential, meaning, remedy, ...more });
}

/** @returns an error that lets a chain go on to its next link. */
export function unavailable(credential: string, meaning: string, remedy?: string, cause?: unknown): CredentialError {
  return fail("unavailable", credential, meaning, remedy, { cause });
}

/** @returns an error about what the program was given, not about what a server said. */
export function misconfigured(credential: string | undefined, meaning: string, remedy?: string): CredentialError {
  return fail("misconfigured", credential, meaning, remedy);
}
