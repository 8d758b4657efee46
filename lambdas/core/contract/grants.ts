/** What a caller may be given for one provider. */
export const CALLER_GRANTS = ['encrypt', 'decrypt', 'rewrap', 'manage-credentials', 'reveal'] as const;
/** What an operator may be given, for all providers. */
export const OPERATOR_GRANTS = ['keysets', 'rotations', 'audit'] as const;

export type Grant = (typeof CALLER_GRANTS)[number] | (typeof OPERATOR_GRANTS)[number];
