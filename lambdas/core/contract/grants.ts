/*
 * A grant allows `execute-api:Invoke` on the routes of its calls, for one provider and region: `reveal` on
 * `<api>/<API stage>/POST/v1/providers/<provider>/credentials/<name>/reveal`. README.md, "The API", names the grant of each call. Each call
 * declares it (`defineOperation` in lambdas/core/<area>/operations); lib/api/caller-policies.ts makes a managed policy of each
 * grant. In local mode a user's policy names the calls themselves.
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
/** Grants of an operator, for all providers. Rotating the KEK is one of its own: each rotation takes room in the secret. */
export const OPERATOR_GRANTS = ['keysets', 'rotations', 'kek', 'audit'] as const;

export type Grant = (typeof CALLER_GRANTS)[number] | (typeof OPERATOR_GRANTS)[number];
