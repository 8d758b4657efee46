/**
 * What a caller may be given for one provider. Whoever may change what stands beside a key that he may not see can have it sent
 * elsewhere: that is a grant of its own.
 */
export const CALLER_GRANTS = [
  'encrypt',
  'decrypt',
  'rewrap',
  'manage-credentials',
  'reveal',
  'change-metadata',
  'restore-credentials',
  'purge-credentials',
] as const;
/** What an operator may be given, for all providers. */
export const OPERATOR_GRANTS = ['keysets', 'rotations', 'audit'] as const;

export type Grant = (typeof CALLER_GRANTS)[number] | (typeof OPERATOR_GRANTS)[number];
