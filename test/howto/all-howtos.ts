import { ALARM } from './changes/alarm';
import { AUDIT_FIELD } from './changes/audit-field';
import { AUDIT_METADATA_MEMBER } from './changes/audit-metadata';
import { ERROR_TEXT } from './changes/error-text';
import { PROVIDER } from './changes/provider';
import { REGION } from './changes/region';
import type { Howto } from './howto';

/** The changes that people make. */
export const HOWTOS: readonly Howto[] = [AUDIT_FIELD, AUDIT_METADATA_MEMBER, PROVIDER, REGION, ERROR_TEXT, ALARM];
