/**
 * The errors this surface answers with: code, status and text as Azure Storage words them, in one table.
 * @see https://learn.microsoft.com/rest/api/storageservices/common-rest-api-error-codes
 * @see https://learn.microsoft.com/rest/api/storageservices/blob-service-error-codes
 */
import { type BlobFault, BlobRefusal } from "./engine/model.ts";

const unauthenticated =
  "Server failed to authenticate the request. Please refer to the information in the www-authenticate header.";

const table = {
  AuthenticationFailed: [
    403,
    "Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly including the signature.",
  ],
  AuthorizationFailure: [403, "This request is not authorized to perform this operation."],
  AuthorizationPermissionMismatch: [
    403,
    "This request is not authorized to perform this operation using this permission.",
  ],
  BlobAlreadyExists: [409, "The specified blob already exists."],
  BlobNotFound: [404, "The specified blob does not exist."],
  BlockCountExceedsLimit: [409, "The uncommitted block count cannot exceed the maximum limit of 100,000 blocks."],
  BlockListTooLong: [400, "The block list may not contain more than 50,000 blocks."],
  ConditionHeadersNotSupported: [400, "Condition headers are not supported."],
  ConditionNotMet: [412, "The condition specified using HTTP conditional header(s) is not met."],
  ContainerAlreadyExists: [409, "The specified container already exists."],
  ContainerNotFound: [404, "The specified container does not exist."],
  CorsPreflightFailure: [403, "CORS not enabled or no matching rule found for this request."],
  Crc64Mismatch: [
    400,
    "The CRC64 value specified in the request did not match with the CRC64 value calculated by the server.",
  ],
  EmptyMetadataKey: [400, "The key for one of the metadata key-value pairs is empty."],
  InternalError: [500, "The server encountered an internal error. Please retry the request."],
  InvalidAuthenticationInfo: [
    400,
    "Authentication information is not given in the correct format. Check the value of Authorization header.",
  ],
  InvalidBlobOrBlock: [400, "The specified blob or block content is invalid."],
  InvalidBlobTier: [400, "The specified blob tier is invalid."],
  InvalidBlobType: [409, "The blob type is invalid for this operation."],
  InvalidBlockList: [400, "The specified block list is invalid."],
  InvalidHeaderValue: [400, "The value for one of the HTTP headers is not in the correct format."],
  InvalidInput: [400, "One of the request inputs is not valid."],
  InvalidMd5: [
    400,
    "The MD5 value specified in the request is invalid. MD5 value must be 128 bits and base64 encoded.",
  ],
  InvalidMetadata: [400, "The metadata specified is invalid. It has characters that are not permitted."],
  InvalidQueryParameterValue: [400, "Value for one of the query parameters specified in the request URI is invalid."],
  InvalidRange: [416, "The range specified is invalid for the current size of the resource."],
  InvalidResourceName: [400, "The specifed resource name contains invalid characters."],
  InvalidUri: [400, "The requested URI does not represent any resource on the server."],
  InvalidXmlDocument: [400, "XML specified is not syntactically valid."],
  LeaseNotPresentWithBlobOperation: [412, "There is currently no lease on the blob."],
  LeaseNotPresentWithContainerOperation: [412, "There is currently no lease on the container."],
  Md5Mismatch: [
    400,
    "The MD5 value specified in the request did not match with the MD5 value calculated by the server.",
  ],
  MetadataTooLarge: [400, "The size of the specified metadata exceeds the maximum size permitted."],
  MissingContentLengthHeader: [411, "Content-Length HTTP header is missing."],
  MissingRequiredHeader: [400, "An HTTP header that's mandatory for this request is not specified."],
  MissingRequiredQueryParameter: [400, "A required query parameter was not specified for this request."],
  MultipleConditionHeadersNotSupported: [400, "Multiple condition headers are not supported."],
  NoAuthenticationInformation: [401, unauthenticated],
  NotImplemented: [501, "The requested operation is not implemented on the specified resource."],
  OutOfRangeInput: [400, "One of the request inputs is out of range."],
  OutOfRangeQueryParameterValue: [
    400,
    "One of the query parameters specified in the request URI is outside the permissible range.",
  ],
  PublicAccessNotPermitted: [409, "Public access is not permitted on this storage account."],
  RequestBodyTooLarge: [413, "The request body is too large and exceeds the maximum permissible limit."],
  ResourceNotFound: [404, "The specified resource does not exist."],
  ServerBusy: [503, "The server is currently unable to receive requests. Please retry your request."],
  UnsatisfiableCondition: [400, "The request includes an unsatisfiable condition for this operation."],
  UnsupportedHttpVerb: [405, "The resource doesn't support specified Http Verb."],
} as const satisfies Record<string, readonly [status: number, message: string]>;

export type ErrorCode = keyof typeof table;

/** Every code with its status and text, for the page of errors. */
export const storageErrors: Readonly<Record<ErrorCode, readonly [status: number, message: string]>> = table;

/** What differs from the table's row, and what is added to it. */
export type ErrorOptions = {
  readonly status?: number;
  readonly message?: string;
  /** Further elements of the body, in order. */
  readonly details?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
};

/** Thrown anywhere on the way; rendered once, at the end of it. */
export class StorageError extends Error {
  readonly code: string;
  readonly status: number;
  readonly details: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: ErrorCode, options: ErrorOptions = {}) {
    super(options.message ?? table[code][1]);
    this.name = "StorageError";
    this.code = code;
    this.status = options.status ?? table[code][0];
    this.details = options.details ?? {};
    this.headers = options.headers ?? {};
  }
}

export function invalidHeader(name: string, value: string): StorageError {
  return new StorageError("InvalidHeaderValue", { details: { HeaderName: name, HeaderValue: value } });
}

export function invalidQuery(name: string, value: string, reason: string): StorageError {
  const details = { QueryParameterName: name, QueryParameterValue: value, Reason: reason };
  return new StorageError("InvalidQueryParameterValue", { details });
}

/** For what Azure has and Postern has not: never ignored, never pretended. */
export function notImplemented(what: string): StorageError {
  return new StorageError("NotImplemented", { message: `Postern does not implement ${what}.` });
}

/** The answer to a token that was read and found wanting. */
export function invalidToken(challenge: string, detail: string): StorageError {
  return new StorageError("InvalidAuthenticationInfo", {
    status: 401,
    message: unauthenticated,
    details: { AuthenticationErrorDetail: detail },
    headers: { "WWW-Authenticate": challenge },
  });
}

/** Words the engine's refusals; what is not one, or no fault of the client's, is our own error and says nothing outside. */
export function asStorageError(cause: unknown): StorageError {
  if (cause instanceof StorageError) return cause;
  return cause instanceof BlobRefusal ? asFaultError(cause.fault) : new StorageError("InternalError");
}

/** Words one of the engine's refusals. */
export function asFaultError(fault: BlobFault): StorageError {
  switch (fault.kind) {
    case "container-not-found":
      return new StorageError("ContainerNotFound");
    case "container-exists":
      return new StorageError("ContainerAlreadyExists");
    case "blob-not-found":
      return new StorageError("BlobNotFound");
    case "blob-exists":
      return new StorageError("BlobAlreadyExists");
    case "replace-not-permitted":
      return new StorageError("AuthorizationPermissionMismatch");
    case "condition-not-met":
      return new StorageError("ConditionNotMet");
    case "not-modified":
      return new StorageError("ConditionNotMet", { status: 304 });
    case "condition-unsatisfiable":
      return new StorageError("UnsatisfiableCondition");
    case "block-list-invalid":
      return new StorageError("InvalidBlockList");
    case "block-id-length":
      return new StorageError("InvalidBlobOrBlock");
    case "uncommitted-blocks-exceeded":
      return new StorageError("BlockCountExceedsLimit");
    case "blob-too-large":
      return new StorageError("RequestBodyTooLarge");
    case "storage-full":
      return new StorageError("ServerBusy");
    case "body-incomplete":
      return new StorageError("InvalidInput");
    case "content-damaged":
      return new StorageError("InternalError");
  }
}
