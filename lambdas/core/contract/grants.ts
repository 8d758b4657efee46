/*
 * Which call needs which grant: each call declares its `grant` (`defineOperation` in `lambdas/core/<area>/operations/*.ts`). All
 * calls by grant: `GRANTS` in test/infra/api/caller-policies.test.ts, and "What each policy allows" in docs/operations.md.
 * lib/api/caller-policies.ts makes a managed policy of each; in local mode a user's policy names the calls themselves.
 */

/**
 * Grants of a caller for one provider. Changing metadata is a grant of its own, because a caller who cannot see a key could have
 * it sent elsewhere by changing its base URL.
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
/** Grants of an operator, for all providers. */
export const OPERATOR_GRANTS = ['keysets', 'rotations', 'audit'] as const;

export type Grant = (typeof CALLER_GRANTS)[number] | (typeof OPERATOR_GRANTS)[number];
