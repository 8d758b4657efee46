/**
 * Why something failed, for the audit event alone. A caller never sees it: an attacker with chosen tokens could learn from the
 * difference between two reasons.
 */
export type FailureReason =
  | 'authentication_failed'
  | 'commitment_mismatch'
  | 'credential_damaged'
  | 'keyset_damaged'
  | 'keyset_missing'
  | 'keyset_outdated'
  | 'kek_damaged'
  | 'kek_missing'
  | 'legacy_format'
  | 'malformed_token'
  | 'metadata_too_old'
  | 'no_region_answered'
  | 'non_canonical_base64'
  | 'provider_mismatch'
  | 'sealing_stopped'
  | 'unknown_kek'
  | 'unknown_version'
  | 'unwrap_failed'
  | 'version_destroyed';
