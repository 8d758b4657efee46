/** What the audit log tells apart. A filter takes these and no others. */
export const AUDIT_EVENT_TYPES = [
  'encrypt',
  'decrypt',
  'rewrap',
  'failed_decrypt',
  'unauthorized_access',
  'rotate',
  'config_change',
  'consistency_check',
] as const;
