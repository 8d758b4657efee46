/**
 * What the failure of an outside call means for a retry.
 *
 * - `outage`: it may pass by itself. The call may have been carried out.
 * - `denied`: a policy, a key's policy or the credentials deny the call; nothing was done. It passes by itself only while a new
 *   role propagates.
 * - `refused`: the call cannot succeed in the present state (no such table, a disabled key, an invalid request); nothing was
 *   done.
 */
export type FailureKind = 'outage' | 'denied' | 'refused';

/** Timeouts, throttling, server errors, broken connections, full disks. */
const OUTAGES = [
  // AWS, of any service (Common Error Types of each API reference; @smithy/core, retry: throttling and transient errors).
  'BandwidthLimitExceeded',
  'InternalError',
  'InternalFailure',
  'InternalServerError',
  'InternalServerErrorException',
  'InternalServerException',
  'InternalServiceError',
  'InternalServiceErrorException',
  'LimitExceededException',
  'PriorRequestNotComplete',
  'RequestThrottled',
  'RequestThrottledException',
  'RequestTimeout',
  'RequestTimeoutException',
  'ServiceException',
  'ServiceQuotaExceededException',
  'ServiceUnavailable',
  'ServiceUnavailableException',
  'SlowDown',
  'ThrottledException',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
  // DynamoDB.
  'ProvisionedThroughputExceededException',
  'ReplicatedWriteConflictException',
  'RequestLimitExceeded',
  'ResourceInUseException',
  'TransactionConflictException',
  'TransactionInProgressException',
  // S3: another write of the same key at the same time ("Error responses", ConditionalRequestConflict and OperationAborted).
  'ConditionalRequestConflict',
  'OperationAborted',
  // SQS.
  'OverLimit',
  // Lambda (API_Invoke).
  'EC2ThrottledException',
  'EC2UnexpectedException',
  'EFSIOException',
  'EFSMountConnectivityException',
  'EFSMountTimeoutException',
  'ENILimitReachedException',
  'ENINotReadyException',
  'ResourceConflictException',
  'ResourceNotReadyException',
  'SnapStartNotReadyException',
  'SnapStartTimeoutException',
  'SubnetIPAddressLimitReachedException',
  // A function that was invoked and failed (its answer's errorType).
  'Function.ResponseSizeTooLarge',
  'Runtime.ExitError',
  'Runtime.HandlerNotFound',
  'Runtime.ImportModuleError',
  'Runtime.OutOfMemory',
  'Runtime.Unknown',
  'Runtime.UserCodeSyntaxError',
  'Sandbox.Timedout',
  // KMS, through the service that was called.
  'KMS.ThrottlingException',
  'KMSInternalException',
  'KMSThrottlingException',
  'KeyUnavailableException',
  'KmsThrottled',
  'DependencyTimeoutException',
  // Vault, named by us from status and path (Vault HTTP API, "HTTP status codes"; sys/health; rate limit quotas).
  'VaultRateLimited',
  'VaultSealed',
  'VaultServerError',
  'VaultStandby',
  // The SDK's own.
  'AbortError',
  'TimeoutError',
  // Keyward's own: an empty answer, a batch that was done in part, a function that failed in another way.
  'FunctionError',
  'UnprocessedItems',
  'UnusableAnswer',
  // Node.js ("Common system errors" of its documentation), and its connection errors.
  'EACCES',
  'EADDRINUSE',
  'EADDRNOTAVAIL',
  'EAI_AGAIN',
  'EBADF',
  'EBUSY',
  'ECANCELED',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EDQUOT',
  'EFBIG',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'EIO',
  'EISDIR',
  'EMFILE',
  'ENETDOWN',
  'ENETRESET',
  'ENETUNREACH',
  'ENFILE',
  'ENOBUFS',
  'ENODEV',
  'ENOENT',
  'ENOMEM',
  'ENOSPC',
  'ENOTCONN',
  'ENOTDIR',
  'ENOTFOUND',
  'EPERM',
  'EPIPE',
  'EPROTO',
  'EROFS',
  'ESTALE',
  'ETIMEDOUT',
  'ENXIO',
  'ERR_HTTP2_STREAM_ERROR',
  'ERR_SOCKET_CLOSED',
  'ERR_SOCKET_CONNECTION_TIMEOUT',
  'ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC',
  'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE',
  'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ERR_TLS_HANDSHAKE_TIMEOUT',
  'HPE_INVALID_CONSTANT',
  // Errors of this process; how far the call had got is unknown.
  'AggregateError',
  'AssertionError',
  'KeywardError',
  'RangeError',
  'ReferenceError',
  'SyntaxError',
  'TypeError',
  'URIError',
] as const;

const DENIALS = [
  'AccessDenied',
  'AccessDeniedException',
  'AuthFailure',
  'EC2AccessDeniedException',
  'ExpiredToken',
  'ExpiredTokenException',
  'IncompleteSignature',
  'IncompleteSignatureException',
  'InvalidAccessKeyId',
  'InvalidClientTokenId',
  'InvalidSecurity',
  'InvalidSignatureException',
  'MissingAuthenticationToken',
  'MissingAuthenticationTokenException',
  'NotAuthorized',
  'OptInRequired',
  'RequestExpired',
  'RequestInTheFuture',
  'RequestTimeTooSkewed',
  'SignatureDoesNotMatch',
  'UnauthorizedOperation',
  'UnrecognizedClientException',
  'KMS.AccessDeniedException',
  'KMS.OptInRequired',
  'KMSAccessDeniedException',
  'KmsAccessDenied',
  'KmsOptInRequired',
  // Vault: of a token, and of a login.
  'VaultLoginRefused',
  'VaultPermissionDenied',
  // The SDK found no credentials and sent nothing.
  'CredentialsProviderError',
  'TokenProviderError',
] as const;

/** Invalid requests, and resources that are missing or unusable. */
const REFUSALS = [
  // AWS, of any service.
  'InvalidAction',
  'InvalidParameterCombination',
  'InvalidParameterException',
  'InvalidParameterValue',
  'InvalidParameterValueException',
  'InvalidRequestException',
  'MalformedHttpRequestException',
  'MalformedQueryString',
  'MissingAction',
  'MissingParameter',
  'RequestEntityTooLargeException',
  'ResourceNotFoundException',
  'SerializationException',
  'UnknownOperationException',
  'ValidationError',
  'ValidationException',
  // DynamoDB.
  'ConditionalCheckFailedException',
  'IdempotentParameterMismatchException',
  'IndexNotFoundException',
  'InvalidEndpointException',
  'ItemCollectionSizeLimitExceededException',
  'TableNotFoundException',
  'TransactionCanceledException',
  // Secrets Manager.
  'DecryptionFailure',
  'EncryptionFailure',
  'InvalidNextTokenException',
  'MalformedPolicyDocumentException',
  'PreconditionNotMetException',
  'PublicPolicyException',
  'ResourceExistsException',
  // S3 ("Error responses", List of error codes).
  'AuthorizationHeaderMalformed',
  'BadDigest',
  'EntityTooLarge',
  'InvalidBucketName',
  'InvalidBucketState',
  'InvalidObjectState',
  'InvalidRequest',
  'KeyTooLongError',
  'MethodNotAllowed',
  'NoSuchBucket',
  'NoSuchKey',
  'NotFound',
  'PermanentRedirect',
  'PreconditionFailed',
  'TemporaryRedirect',
  // SQS.
  'AWS.SimpleQueueService.BatchEntryIdsNotDistinct',
  'AWS.SimpleQueueService.BatchRequestTooLong',
  'AWS.SimpleQueueService.NonExistentQueue',
  'AWS.SimpleQueueService.QueueDeletedRecently',
  'AWS.SimpleQueueService.UnsupportedOperation',
  'BatchEntryIdsNotDistinct',
  'BatchRequestTooLong',
  'EmptyBatchRequest',
  'InvalidAddress',
  'InvalidAttributeName',
  'InvalidAttributeValue',
  'InvalidBatchEntryId',
  'InvalidIdFormat',
  'InvalidMessageContents',
  'QueueDeletedRecently',
  'QueueDoesNotExist',
  'TooManyEntriesInBatchRequest',
  'UnsupportedOperation',
  // Lambda (API_Invoke).
  'EFSMountFailureException',
  'InvalidRequestContentException',
  'InvalidRuntimeException',
  'InvalidSecurityGroupIDException',
  'InvalidSubnetIDException',
  'InvalidZipFileException',
  'NoPublishedVersionException',
  'RecursiveInvocationException',
  'RequestTooLargeException',
  'SnapStartException',
  'UnsupportedMediaTypeException',
  // KMS, itself or through the service that was called. Lambda answers these with status 502 (API_Invoke).
  'DisabledException',
  'InvalidGrantTokenException',
  'InvalidKeyUsageException',
  'InvalidKmsKeyException',
  'InvalidKmsKeyId',
  'InvalidKmsKeyState',
  'KMS.DisabledException',
  'KMS.InvalidKeyUsageException',
  'KMS.InvalidStateException',
  'KMS.KMSInvalidStateException',
  'KMS.NotFoundException',
  'KMSDisabledException',
  'KMSInvalidKeyUsageException',
  'KMSInvalidStateException',
  'KMSKeyDisabledException',
  'KMSKeyNotAccessibleFault',
  'KMSNotFoundException',
  'KmsDisabled',
  'KmsInvalidKeyUsage',
  'KmsInvalidState',
  'KmsNotFound',
  'NotFoundException',
  // Vault: a path that no engine serves, and any other request that is wrong.
  'VaultInvalidRequest',
  'VaultPathNotFound',
  // Certificates, as Node.js names what OpenSSL found (tls documentation, "X509 certificate error codes").
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_REVOKED',
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'HOSTNAME_MISMATCH',
  'INVALID_CA',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
] as const;

/** The error names that a log line may carry. A name is text from outside, so any other is logged as `other`. */
export type ErrorName = (typeof OUTAGES | typeof DENIALS | typeof REFUSALS)[number] | 'other';

const KINDS: ReadonlyMap<string, FailureKind> = new Map([
  ...OUTAGES.map((name) => [name, 'outage'] as const),
  ...DENIALS.map((name) => [name, 'denied'] as const),
  ...REFUSALS.map((name) => [name, 'refused'] as const),
]);

/** A name from the allow-list, or `other`. */
export const toErrorName = (name: unknown): ErrorName =>
  typeof name === 'string' && KINDS.has(name) ? (name as ErrorName) : 'other';

/**
 * The name of a thrown value. Services add a namespace or a suffix to a name (`com.amazonaws.dynamodb.v20120810#…`, `…;Sender`,
 * `…:http://…`: AWS JSON 1.1 protocol, "Operation error serialization"); both are cut off. Node.js puts the name of a system
 * error into `code`; an HTTP answer could set `code` too, so it does not count there.
 */
export function errorNameOf(thrown: unknown): ErrorName {
  // Not by `instanceof Error`: Node.js may throw an error of another realm.
  const { name, code } = Object(thrown) as { name?: unknown; code?: unknown };
  const called = toErrorName(bareName(name));
  const system = statusOf(thrown) === undefined ? toErrorName(code) : 'other';
  // The SDK calls every failed connection a TimeoutError, and gives its own timeouts this code.
  if (system === 'other' || (system === 'ETIMEDOUT' && called !== 'other')) return called;
  return system;
}

/** The kind of a thrown value. An unknown name is judged by its HTTP status, if it has one. */
export function failureKindOf(thrown: unknown): FailureKind {
  const known = KINDS.get(errorNameOf(thrown));
  if (known !== undefined) return known;
  const status = statusOf(thrown) ?? 0;
  return status >= 400 && status < 500 && !PASSING_STATUSES.has(status) ? 'refused' : 'outage';
}

/** 408 Request Timeout, 425 Too Early, 429 Too Many Requests. */
const PASSING_STATUSES: ReadonlySet<number> = new Set([408, 425, 429]);

const statusOf = (thrown: unknown): number | undefined =>
  (Object(thrown) as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;

const bareName = (name: unknown): unknown =>
  typeof name === 'string' ? name.slice(name.indexOf('#') + 1).split(/[:;]/u, 1)[0] : name;
