/**
 * What the failure of an outside call means for whoever decides whether to try again.
 *
 * - `outage`: it may pass by itself, and what was asked for may have been done all the same.
 * - `denied`: a policy, a key's policy or credentials say no, and nothing was done. It passes by itself only where a fresh role
 *   has not spread yet.
 * - `refused`: what was asked for cannot be done as things are (no such table, a key that is disabled, a request that is wrong),
 *   and nothing was done.
 */
export type FailureKind = 'outage' | 'denied' | 'refused';

/** Time-outs, throttling, servers that fail, connections that break, disks that are full. */
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
  // KMS, through the service that was asked.
  'KMS.ThrottlingException',
  'KMSInternalException',
  'KMSThrottlingException',
  'KmsThrottled',
  'DependencyTimeoutException',
  // The SDK's own.
  'AbortError',
  'TimeoutError',
  // Ours: an answer that says nothing, a batch of which a part stayed undone, a function that failed in another way.
  'FunctionError',
  'UnprocessedItems',
  'UnusableAnswer',
  // Node.js (the documentation's "Common system errors") and what it says of connections.
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
  // Something in this process went wrong; how far it had got, nobody can say.
  'AggregateError',
  'AssertionError',
  'KeywardError',
  'RangeError',
  'ReferenceError',
  'SyntaxError',
  'TypeError',
  'URIError',
] as const;

/** Policies and credentials. */
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
  // The SDK found no credentials, so that it sent nothing.
  'CredentialsProviderError',
  'TokenProviderError',
] as const;

/** Requests that are wrong, and things that are not there or not fit. */
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
  // KMS, through the service that was asked. Lambda answers these with status 502 (API_Invoke).
  'DisabledException',
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

/** The names that a log line may carry; a name, like a message, is text from outside. Whatever is not here is `other`. */
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
 * What a thrown value is called. Services write a name with what it belongs to (`com.amazonaws.dynamodb.v20120810#…`,
 * `…;Sender`, `…:http://…`: AWS JSON 1.1 protocol, "Operation error serialization"); that is cut off. Node.js puts the name of a system error
 * into `code`, which whoever answered over HTTP could set too, so that it does not count there.
 */
export function errorNameOf(thrown: unknown): ErrorName {
  // Not by `instanceof Error`: what Node.js throws may come from another realm.
  const { name, code } = Object(thrown) as { name?: unknown; code?: unknown };
  const called = toErrorName(bareName(name));
  const system = statusOf(thrown) === undefined ? toErrorName(code) : 'other';
  // The SDK calls every connection that fails a TimeoutError, and gives its own time-outs this code.
  if (system === 'other' || (system === 'ETIMEDOUT' && called !== 'other')) return called;
  return system;
}

/** What a thrown value means. A name that is not known is judged by the HTTP status that came with it, if one did. */
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
