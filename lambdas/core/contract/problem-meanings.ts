import type { ErrorCode } from './problems';

/** What a code tells whoever gets it. The OpenAPI document and `docs/errors.md` show it. */
export interface ProblemMeaning {
  /** What has happened: one sentence. */
  readonly meaning: string;
  /** What to do about it. */
  readonly action: string;
  /** Whether the same request, sent again as it is, may be answered otherwise. */
  readonly again: 'no' | 'yes' | 'after reading';
}

/** Of {@link ProblemMeaning.again}, in words. */
export const AGAIN_DESCRIPTIONS: Readonly<Record<ProblemMeaning['again'], string>> = {
  no: 'No.',
  yes: 'Yes, after the seconds in `Retry-After`.',
  'after reading': 'Only once what is there now has been read.',
};

export const PROBLEM_MEANINGS: Readonly<Record<ErrorCode, ProblemMeaning>> = {
  access_denied: {
    meaning: 'The request is not signed, its signature does not hold, or its caller may not make this call.',
    action: 'Check credentials, clock, region and what the policy of the caller allows.',
    again: 'no',
  },
  audit_unavailable: {
    meaning: 'The audit log did not take the event, and nothing is answered without it.',
    action:
      'Send it again. A change may have been made all the same: what guards it is a precondition or an Idempotency-Key.',
    again: 'yes',
  },
  configuration_invalid: {
    meaning: 'The function or the server is configured in a way in which it cannot run; `detail` names the setting.',
    action: 'Tell whoever operates it.',
    again: 'no',
  },
  conflict: {
    meaning: 'Others kept changing the same thing first, or the Idempotency-Key was used for another request.',
    action: 'Read what is there now and decide anew; for an Idempotency-Key take a new one.',
    again: 'after reading',
  },
  credential_damaged: {
    meaning: 'The stored credential does not open: somebody has edited its row, or its key version is gone.',
    action: 'Store the API key again, or have the row restored from a backup.',
    again: 'no',
  },
  credential_not_found: {
    meaning: 'The provider has no stored credential of this name.',
    action:
      'Check the name, which is compared to the letter. One that was just stored may take seconds to be seen: ask with `consistent=true`.',
    again: 'no',
  },
  decryption_failed: {
    meaning:
      'The token does not open here: it is damaged or no token, belongs to another provider, or was sealed under another context. Which of them is not told.',
    action: 'Present the whole token and the very context that it was encrypted with. The audit log has the reason.',
    again: 'no',
  },
  headers_too_large: {
    meaning: 'The request has too many headers, or too long ones; nothing of it was read.',
    action: 'Send fewer or shorter ones.',
    again: 'no',
  },
  internal: {
    meaning: 'Something happened that should not have.',
    action: 'Tell whoever operates it, with the `request_id`: the log has more.',
    again: 'after reading',
  },
  invalid_request: {
    meaning: 'The request is not one that the call takes; `detail` names the member, parameter or header and the rule.',
    action: 'Change the request.',
    again: 'no',
  },
  key_version_referenced: {
    meaning: 'Stored credentials are, or may be, under this key version, so it is kept.',
    action: 'Wait until a rotation has moved them, or store anew those that it names as not opening.',
    again: 'after reading',
  },
  key_version_retired: {
    meaning: 'The token opens, but the grace period of its key version is over.',
    action: 'Send the token to `rewrap`, keep what that returns, and decrypt it.',
    again: 'no',
  },
  key_version_state: {
    meaning: 'The key version, or the set of them, is not in the state that the call is for; `detail` says which.',
    action: 'Look at the versions of the provider and decide anew.',
    again: 'after reading',
  },
  keys_unavailable: {
    meaning: 'The keys that are needed are out of reach, or not in a usable state; nothing is wrong with the request.',
    action: 'Send it again, more slowly each time.',
    again: 'yes',
  },
  metadata_required: {
    meaning: 'What the new value replaces does not open with the metadata beside it, so that cannot be kept.',
    action: 'Send `metadata`, or `{}` for none.',
    again: 'no',
  },
  method_not_allowed: {
    meaning: 'There is such a path, but not with this method.',
    action: 'Use one of the methods in the header `Allow`.',
    again: 'no',
  },
  outcome_unknown: {
    meaning: 'The change may or may not have been stored.',
    action:
      'Read it back; or send it again under the same precondition or Idempotency-Key, which keeps it from happening twice.',
    again: 'after reading',
  },
  payload_too_large: {
    meaning: 'The body, or the whole request, is larger than the call takes; `detail` names the limit.',
    action: 'Send less, a batch in parts.',
    again: 'no',
  },
  precondition_failed: {
    meaning: 'What is stored is not in the state that `If-Match` or `If-None-Match` demands; nothing was changed.',
    action: 'Read it, and decide anew with the ETag that it has now.',
    again: 'after reading',
  },
  previous_value_changed: {
    meaning:
      'The previous value that is kept is not the one of the revision that was named: somebody has changed the credential since.',
    action: 'Look at the previous value and decide anew.',
    again: 'after reading',
  },
  previous_value_not_found: {
    meaning:
      'No previous value of the credential is kept: it was never replaced, or its time is over, or it was purged or restored.',
    action: 'Take the key from where it came from, or from a backup.',
    again: 'no',
  },
  provider_not_found: {
    meaning: 'No provider of this name is configured.',
    action: 'Check the name; `GET /v1/providers` lists those that there are.',
    again: 'no',
  },
  rotation_damaged: {
    meaning: 'The report of the rotation cannot be read: somebody has edited its row.',
    action: 'Tell whoever operates it. The rotation itself goes on: the keyset decides, not the report.',
    again: 'no',
  },
  rotation_not_found: {
    meaning: 'The provider has no rotation of this id.',
    action: 'List the rotations of the provider.',
    again: 'no',
  },
  rotation_running: {
    meaning: 'A rotation of this provider is running; `rotation_id` names it.',
    action: 'Follow that one. An emergency takes it over.',
    again: 'after reading',
  },
  rotation_state: {
    meaning: 'The rotation is not, or no longer, in the state that the call is for.',
    action: 'Look at the rotation: what is promoted can no longer be aborted.',
    again: 'after reading',
  },
  route_not_found: {
    meaning: 'There is no such path.',
    action: 'Check it against this description: paths are compared to the letter, and nothing in them is decoded.',
    again: 'no',
  },
  store_unavailable: {
    meaning: 'A table or a service behind it did not answer, or not in time; nothing is wrong with the request.',
    action: 'Send it again, more slowly each time.',
    again: 'yes',
  },
  throttled: {
    meaning: 'Too many requests at once, from you or from all; only the gateway on AWS answers so.',
    action: 'Send it again, more slowly each time.',
    again: 'yes',
  },
  unsupported_media_type: {
    meaning: 'The body comes in a `Content-Encoding` other than `identity`.',
    action: 'Send it as it is, not compressed.',
    again: 'no',
  },
};
