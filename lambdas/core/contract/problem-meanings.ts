import type { ErrorCode } from './problems';

/** What an error code means for the client. The OpenAPI document and `docs/errors.md` show it. */
export interface ProblemMeaning {
  /** What has happened: one sentence. */
  readonly meaning: string;
  /** What to do about it. */
  readonly action: string;
  /** Whether the same request may succeed when it is sent again unchanged. */
  readonly again: 'no' | 'yes' | 'after reading';
}

/** The values of {@link ProblemMeaning.again} in words. */
export const AGAIN_DESCRIPTIONS: Readonly<Record<ProblemMeaning['again'], string>> = {
  no: 'No.',
  yes: 'Yes, after the seconds in `Retry-After`.',
  'after reading': 'Only after reading the current state.',
};

export const PROBLEM_MEANINGS: Readonly<Record<ErrorCode, ProblemMeaning>> = {
  access_denied: {
    meaning: 'The request is not signed, its signature is not valid, or the caller may not make this call.',
    action: 'Check the credentials, the clock, the region and the policy of the caller.',
    again: 'no',
  },
  audit_unavailable: {
    meaning: 'The audit log did not store the event, and Keyward answers nothing without it.',
    action:
      'Send the request again. A change may have been made; a precondition or an Idempotency-Key keeps it from being made twice.',
    again: 'yes',
  },
  configuration_invalid: {
    meaning: 'The configuration of the function or server is not valid; `detail` names the setting.',
    action: 'Tell the operator.',
    again: 'no',
  },
  conflict: {
    meaning: 'Other writers kept changing the same record, or the Idempotency-Key was used for another request.',
    action: 'Read the current state and decide again; if the Idempotency-Key was used, take a new one.',
    again: 'after reading',
  },
  audit_event_not_found: {
    meaning: 'The audit log has no event of this id, or not at the time that was given.',
    action: 'Send the time of an event of an earlier release as `timestamp`. Events expire after their retention.',
    again: 'no',
  },
  credential_damaged: {
    meaning: 'The stored credential does not open: its row was edited, or its key version is gone.',
    action: 'Store the API key again, or restore the row from a backup.',
    again: 'no',
  },
  credential_not_found: {
    meaning: 'The provider has no stored credential of this name.',
    action:
      'Check the name, which is case-sensitive. A new credential may take seconds to appear: read with `consistent=true`.',
    again: 'no',
  },
  decryption_failed: {
    meaning:
      'The token does not open: it is damaged or not a token, belongs to another provider, or was sealed with another context. The reply does not tell which.',
    action: 'Present the whole token and the same context that it was encrypted with. The audit log has the reason.',
    again: 'no',
  },
  event_not_published: {
    meaning: 'The published log does not have the event yet.',
    action: 'Ask again after the next publication, which is hourly; `keyward audit publish` does not wait for it.',
    again: 'no',
  },
  headers_too_large: {
    meaning: 'The request has too many or too long headers; it was not processed.',
    action: 'Send fewer or shorter headers.',
    again: 'no',
  },
  internal: {
    meaning: 'An unexpected error occurred.',
    action: 'Tell the operator the `request_id`: the log has more.',
    again: 'after reading',
  },
  invalid_request: {
    meaning: 'The request is not valid; `detail` names the member, parameter or header and the rule.',
    action: 'Correct the request.',
    again: 'no',
  },
  key_version_referenced: {
    meaning: 'Stored credentials are, or may be, under this key version, so it cannot be destroyed.',
    action: 'Wait until a rotation has rekeyed them, or store again those that the rotation reports as not opening.',
    again: 'after reading',
  },
  key_version_retired: {
    meaning: 'The token opens, but the grace period of its key version is over.',
    action: 'Rewrap the token, keep the new token and decrypt that.',
    again: 'no',
  },
  key_version_state: {
    meaning: 'The key version or the keyset is not in a state for this call; `detail` tells more.',
    action: 'Read the keyset of the provider and decide again.',
    again: 'after reading',
  },
  keys_unavailable: {
    meaning: 'The keys for the request are unavailable or unusable; the request itself is valid.',
    action: 'Send the request again, with growing pauses.',
    again: 'yes',
  },
  log_damaged: {
    meaning: 'What is stored of the published log does not fit its checkpoint: something was edited, or is gone.',
    action: 'Run `keyward audit verify`, which tells what it is.',
    again: 'no',
  },
  log_not_found: {
    meaning: 'The deployment publishes no log, or none of this region.',
    action: 'Ask for a region that `GET /v1/audit/checkpoints` lists.',
    again: 'no',
  },
  log_object_not_found: {
    meaning: 'The log has nothing at this path, or not yet, or an archived line has expired.',
    action: 'List the paths by `prefix`.',
    again: 'no',
  },
  metadata_required: {
    meaning: 'The value to be replaced does not open with its stored metadata, so the metadata cannot be kept.',
    action: 'Send `metadata`; `{}` for none.',
    again: 'no',
  },
  method_not_allowed: {
    meaning: 'The path does not have this method.',
    action: 'Use one of the methods in the header `Allow`.',
    again: 'no',
  },
  outcome_unknown: {
    meaning: 'The change may or may not have been stored.',
    action:
      'Read the current state; or send the request again with the same precondition or Idempotency-Key, which keeps the change from being made twice.',
    again: 'after reading',
  },
  payload_too_large: {
    meaning: 'The body or the whole request is too large; `detail` names the limit.',
    action: 'Send a smaller request; split a batch.',
    again: 'no',
  },
  precondition_failed: {
    meaning: 'The precondition in `If-Match` or `If-None-Match` does not hold; nothing was changed.',
    action: 'Read the credential and decide again with its current ETag.',
    again: 'after reading',
  },
  previous_value_changed: {
    meaning: 'The previous value has another revision than the request names: the credential was changed since.',
    action: 'Read the previous value and decide again.',
    again: 'after reading',
  },
  previous_value_not_found: {
    meaning:
      'The credential has no previous value: it was never replaced, or the previous value has expired, was purged or was restored.',
    action: 'Get the key from its provider or from a backup.',
    again: 'no',
  },
  provider_not_found: {
    meaning: 'No provider of this name is configured.',
    action: 'Check the name; `GET /v1/providers` lists the providers.',
    again: 'no',
  },
  rotation_damaged: {
    meaning: 'The report of the rotation cannot be read: its row was edited.',
    action: 'Tell the operator. The rotation itself goes on: the keyset decides, not the report.',
    again: 'no',
  },
  rotation_not_found: {
    meaning: 'The provider has no rotation of this id.',
    action: 'List the rotations of the provider.',
    again: 'no',
  },
  rotation_running: {
    meaning: 'A rotation of this provider is running; `rotation_id` names it.',
    action: 'Wait for that rotation. An emergency rotation escalates it.',
    again: 'after reading',
  },
  rotation_state: {
    meaning: 'The rotation is not in a state for this call.',
    action: 'Read the rotation: after its promotion it cannot be aborted.',
    again: 'after reading',
  },
  route_not_found: {
    meaning: 'The path does not exist.',
    action: 'Compare the path with the OpenAPI document: paths are case-sensitive and not decoded.',
    again: 'no',
  },
  store_unavailable: {
    meaning: 'A table or a service did not answer in time; the request itself is valid.',
    action: 'Send the request again, with growing pauses.',
    again: 'yes',
  },
  throttled: {
    meaning: 'Too many requests, of this caller or of all callers. Only the gateway on AWS answers this.',
    action: 'Send the request again, with growing pauses.',
    again: 'yes',
  },
  unsupported_media_type: {
    meaning: 'The body has a `Content-Encoding` other than `identity`.',
    action: 'Send the body uncompressed.',
    again: 'no',
  },
};
