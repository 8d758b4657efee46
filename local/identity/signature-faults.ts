/** Reason of a refused signature in an audit event. */
type SignatureRefusal =
  | 'signature_missing'
  | 'signature_malformed'
  | 'signature_unsupported'
  | 'signature_scope'
  | 'signature_expired'
  | 'signature_headers'
  | 'signature_body'
  | 'signature_unknown_key'
  | 'signature_mismatch';

/** Why a signature was refused: for the audit event and, in more detail, for the log; never for the caller. */
export interface SignatureFault {
  readonly reason: SignatureRefusal;
  /** A line of the log, with nothing of the request. */
  readonly message: string;
}

const fault = (reason: SignatureRefusal, message: string): SignatureFault => ({ reason, message });

/** Faults, by what has to be corrected. */
export const SIGNATURE_FAULTS = {
  missing: fault('signature_missing', 'request refused: it is not signed'),
  presigned: fault(
    'signature_unsupported',
    'request refused: it is signed in its query, which local mode does not support',
  ),
  sessionToken: fault(
    'signature_unsupported',
    'request refused: it has an x-amz-security-token, and there are no temporary credentials here',
  ),
  severalAuthorizations: fault('signature_malformed', 'request refused: it has several Authorization headers'),
  otherScheme: fault('signature_malformed', 'request refused: its Authorization is not of the scheme AWS4-HMAC-SHA256'),
  authorization: fault(
    'signature_malformed',
    'request refused: its Authorization is not AWS4-HMAC-SHA256 Credential=.../aws4_request, SignedHeaders=..., Signature=...',
  ),
  query: fault('signature_malformed', 'request refused: its query has a percent escape that is broken or not UTF-8'),
  time: fault(
    'signature_malformed',
    'request refused: it has no x-amz-date, several, or one that is not a time such as 20260131T235959Z',
  ),
  region: fault('signature_scope', 'request refused: it is signed for another region'),
  service: fault('signature_scope', 'request refused: it is signed for another service than execute-api'),
  date: fault('signature_scope', 'request refused: its credential scope names another day than its x-amz-date'),
  clock: fault('signature_expired', 'request refused: its x-amz-date is more than 5 minutes away from the clock here'),
  list: fault(
    'signature_headers',
    'request refused: its list of signed headers is not in lower case, sorted and each once, or names a header that is missing or repeated',
  ),
  host: fault('signature_headers', 'request refused: its host is not among the signed headers'),
  unsignedHeader: fault(
    'signature_headers',
    'request refused: a header x-amz-... is not signed, and only x-amz-content-sha256 need not be',
  ),
  hash: fault('signature_body', 'request refused: its x-amz-content-sha256 is not the SHA-256 of the received body'),
  hashForm: fault(
    'signature_unsupported',
    'request refused: its x-amz-content-sha256 is not one SHA-256: local mode does not support unsigned and streamed bodies',
  ),
  unknownKey: fault('signature_unknown_key', 'request refused: its access key id is not in principals.json'),
  mismatch: fault(
    'signature_mismatch',
    'request refused: its signature does not match: another secret access key, or something was changed after signing',
  ),
} as const satisfies Readonly<Record<string, SignatureFault>>;
