/** Types of audit events. A filter accepts these alone. */
export const AUDIT_EVENT_TYPES = [
  'encrypt',
  'decrypt',
  'rewrap',
  'failed_decrypt',
  'unauthorized_access',
  'rotate',
  'config_change',
  'consistency_check',
  'audit_read',
] as const;
