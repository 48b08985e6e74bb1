/**
 * The errors this surface answers with: code, status and text as Azure Storage words them, in one table.
 * @see https://learn.microsoft.com/rest/api/storageservices/common-rest-api-error-codes
 * @see https://learn.microsoft.com/rest/api/storageservices/blob-service-error-codes
 */

const unauthenticated =
  "Server failed to authenticate the request. Please refer to the information in the www-authenticate header.";

const table = {
  AppendPositionConditionNotMet: [412, "The append position condition specified was not met."],
  AuthenticationFailed: [
    403,
    "Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly including the signature.",
  ],
  AuthorizationFailure: [403, "This request is not authorized to perform this operation."],
  AuthorizationPermissionMismatch: [
    403,
    "This request is not authorized to perform this operation using this permission.",
  ],
  AuthorizationProtocolMismatch: [403, "This request is not authorized to perform this operation using this protocol."],
  AuthorizationResourceTypeMismatch: [
    403,
    "This request is not authorized to perform this operation using this resource type.",
  ],
  AuthorizationServiceMismatch: [403, "This request is not authorized to perform this operation using this service."],
  AuthorizationSourceIPMismatch: [
    403,
    "This request is not authorized to perform this operation using this source IP {SourceIP}.",
  ],
  BlobAlreadyExists: [409, "The specified blob already exists."],
  BlobArchived: [409, "This operation is not permitted on an archived blob."],
  BlobBeingRehydrated: [409, "This operation is not permitted because the blob is being rehydrated."],
  BlobCustomerSpecifiedEncryptionMismatch: [
    409,
    "The given customer specified encryption does not match the encryption used to encrypt the blob.",
  ],
  BlobDoesNotUseCustomerSpecifiedEncryption: [
    409,
    "The blob is not encrypted with customer specified encryption, but one was provided in the request.",
  ],
  BlobImmutableDueToPolicy: [409, "This operation is not permitted as the blob is immutable due to a policy."],
  BlobIsSealed: [
    409,
    "The specified blob is sealed and its contents can't be modified unless the blob is re-created after a delete.",
  ],
  BlobNotFound: [404, "The specified blob does not exist."],
  BlobUsesCustomerSpecifiedEncryption: [
    409,
    "The blob is encrypted with customer specified encryption, but it was not provided in the request.",
  ],
  BlockCountExceedsLimit: [409, "The uncommitted block count cannot exceed the maximum limit of 100,000 blocks."],
  BlockListTooLong: [400, "The block list may not contain more than 50,000 blocks."],
  CannotVerifyCopySource: [400, "Could not verify the copy source within the specified time."],
  CommittedBlockCountExceedsLimit: [409, "The committed block count cannot exceed the maximum limit of 50,000 blocks."],
  ConditionHeadersNotSupported: [400, "Condition headers are not supported."],
  ConditionNotMet: [412, "The condition specified using HTTP conditional header(s) is not met."],
  ContainerAlreadyExists: [409, "The specified container already exists."],
  ContainerNotFound: [404, "The specified container does not exist."],
  CopyIdMismatch: [409, "The specified copy ID did not match the copy ID for the pending copy operation."],
  CorsPreflightFailure: [403, "CORS not enabled or no matching rule found for this request."],
  Crc64Mismatch: [
    400,
    "The CRC64 value specified in the request did not match with the CRC64 value calculated by the server.",
  ],
  DuplicateTagNames: [400, "The tags specified contain duplicate names."],
  EmptyMetadataKey: [400, "The key for one of the metadata key-value pairs is empty."],
  EmptyTagName: [400, "The name of one of the tag key-value pairs is empty."],
  HierarchicalNamespaceNotEnabled: [409, "The operation is not supported: the account has no hierarchical namespace."],
  ImmutabilityPolicyConflict: [
    409,
    "The operation is not permitted: the immutability policy is locked or would be shortened.",
  ],
  IncrementalCopyBlobMismatch: [
    409,
    "The specified source blob is different than the copy source of the existing incremental copy blob.",
  ],
  IncrementalCopyOfEarlierSnapshotNotAllowed: [
    409,
    "The specified snapshot is earlier than the last snapshot copied into the incremental copy blob.",
  ],
  IncrementalCopySourceMustBeSnapshot: [409, "The source for incremental copy request must be a snapshot."],
  InsufficientAccountPermissions: [
    403,
    "The account being accessed does not have sufficient permissions to execute this operation.",
  ],
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
  InvalidPageRange: [416, "The page range specified is invalid."],
  InvalidQueryParameterValue: [400, "Value for one of the query parameters specified in the request URI is invalid."],
  InvalidRange: [416, "The range specified is invalid for the current size of the resource."],
  InvalidResourceName: [400, "The specifed resource name contains invalid characters."],
  InvalidTag: [400, "The tags specified are invalid. It contains characters that are not permitted."],
  InvalidUri: [400, "The requested URI does not represent any resource on the server."],
  InvalidXmlDocument: [400, "XML specified is not syntactically valid."],
  InvalidXmlNodeValue: [400, "The value for one of the XML nodes is not in the correct format."],
  KeyBasedAuthenticationNotPermitted: [403, "Key based authentication is not permitted on this storage account."],
  LeaseAlreadyPresent: [409, "There is already a lease present."],
  LeaseIdMismatchWithBlobOperation: [412, "The lease ID specified did not match the lease ID for the blob."],
  LeaseIdMismatchWithContainerOperation: [412, "The lease ID specified did not match the lease ID for the container."],
  LeaseIdMismatchWithLeaseOperation: [
    409,
    "The lease ID specified did not match the lease ID for the resource with the specified lease operation.",
  ],
  LeaseIdMissing: [412, "There is currently a lease on the resource and no lease ID was specified in the request."],
  LeaseIsBreakingAndCannotBeAcquired: [
    409,
    "The lease ID matched, but the lease is currently in breaking state and cannot be acquired until it is broken.",
  ],
  LeaseIsBreakingAndCannotBeChanged: [
    409,
    "The lease ID matched, but the lease is currently in breaking state and cannot be changed.",
  ],
  LeaseIsBrokenAndCannotBeRenewed: [
    409,
    "The lease ID matched, but the lease has been broken explicitly and cannot be renewed.",
  ],
  LeaseLost: [412, "A lease ID was specified, but the lease for the resource has expired."],
  LeaseNotPresentWithBlobOperation: [412, "There is currently no lease on the blob."],
  LeaseNotPresentWithContainerOperation: [412, "There is currently no lease on the container."],
  LeaseNotPresentWithLeaseOperation: [409, "There is currently no lease on the resource."],
  MaxBlobSizeConditionNotMet: [412, "The max blob size condition specified was not met."],
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
  NoPendingCopyOperation: [409, "There is currently no pending copy operation."],
  NotImplemented: [501, "The requested operation is not implemented on the specified resource."],
  OperationNotAllowedOnIncrementalCopyBlob: [
    409,
    "The specified operation is not allowed on an incremental copy blob.",
  ],
  OutOfRangeInput: [400, "One of the request inputs is out of range."],
  OutOfRangeQueryParameterValue: [
    400,
    "One of the query parameters specified in the request URI is outside the permissible range.",
  ],
  PendingCopyOperation: [409, "There is currently a pending copy operation."],
  PreviousSnapshotCannotBeNewer: [
    400,
    "The prevsnapshot query parameter cannot be newer than snapshot query parameter.",
  ],
  PreviousSnapshotNotFound: [409, "The previous snapshot is not found."],
  PublicAccessNotPermitted: [409, "Public access is not permitted on this storage account."],
  RequestForbiddenByContainerEncryptionPolicy: [403, "The request is forbidden by the container encryption policy."],
  RequestBodyTooLarge: [413, "The request body is too large and exceeds the maximum permissible limit."],
  ResourceNotFound: [404, "The specified resource does not exist."],
  SequenceNumberConditionNotMet: [412, "The sequence number condition specified was not met."],
  SequenceNumberIncrementTooLarge: [
    409,
    "The sequence number increment cannot be performed because it would result in overflow of the sequence number.",
  ],
  ServerBusy: [503, "The server is currently unable to receive requests. Please retry your request."],
  SnapshotsPresent: [409, "This operation is not permitted while the blob has snapshots."],
  SourceConditionNotMet: [412, "The source condition specified using HTTP conditional header(s) is not met."],
  TagsTooLarge: [400, "The tags specified exceed the maximum permissible limit."],
  UnsatisfiableCondition: [400, "The request includes an unsatisfiable condition for this operation."],
  UnsupportedHeader: [400, "One of the HTTP headers specified in the request is not supported."],
  UnsupportedHttpVerb: [405, "The resource doesn't support specified Http Verb."],
  WebContentNotFound: [404, "The requested content does not exist."],
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
