/**
 * @azure/identity's error classes under their names, for programs that make them or test for them: each is a CredentialError, and
 * `instanceof` goes by the name, so that every failure of this package is one of them.
 */
import { CredentialError, type ErrorResponse } from "./errors.ts";
import type { Json } from "./json.ts";

export const CredentialUnavailableErrorName = "CredentialUnavailableError";
export const AuthenticationErrorName = "AuthenticationError";
export const AggregateAuthenticationErrorName = "AggregateAuthenticationError";

const isNamed = (value: unknown, name: string) => value instanceof Error && value.name === name;
const causeOf = (options?: { cause?: unknown }) => (options?.cause ? { cause: options.cause } : {});

export class CredentialUnavailableError extends CredentialError {
  constructor(message?: string, options?: { cause?: unknown }) {
    super({ code: "unavailable", meaning: message ?? "", ...causeOf(options) });
  }

  static override [Symbol.hasInstance](value: unknown): value is CredentialUnavailableError {
    return isNamed(value, CredentialUnavailableErrorName);
  }
}

export class AuthenticationError extends CredentialError {
  constructor(statusCode: number, errorBody: object | string | undefined | null, options?: { cause?: unknown }) {
    const body: Json = typeof errorBody === "object" && errorBody !== null ? errorBody : {};
    const errorResponse: ErrorResponse = {
      error: body.error ?? "unknown_error",
      errorDescription: body.error_description ?? (typeof errorBody === "string" ? errorBody : ""),
    };
    const meaning = `${errorResponse.error} (status ${statusCode}): ${errorResponse.errorDescription}`;
    super({ code: "authentication_failed", meaning, statusCode, errorResponse, ...causeOf(options) });
  }

  static override [Symbol.hasInstance](value: unknown): value is AuthenticationError {
    return isNamed(value, AuthenticationErrorName);
  }
}

export class AuthenticationRequiredError extends CredentialError {
  constructor(options: { scopes: string[]; message?: string; cause?: unknown }) {
    super({
      code: "interaction_required",
      meaning: options.message ?? "A person has to sign in.",
      scopes: options.scopes,
      ...causeOf(options),
    });
  }

  static override [Symbol.hasInstance](value: unknown): value is AuthenticationRequiredError {
    return isNamed(value, "AuthenticationRequiredError");
  }
}

export class AggregateAuthenticationError extends CredentialError {
  constructor(errors: Error[], errorMessage?: string) {
    const name = AggregateAuthenticationErrorName;
    super({ code: "chain_failed", name, meaning: `${errorMessage ?? ""}\n${errors.join("\n")}`, errors });
  }

  static override [Symbol.hasInstance](value: unknown): value is AggregateAuthenticationError {
    return isNamed(value, AggregateAuthenticationErrorName);
  }
}
