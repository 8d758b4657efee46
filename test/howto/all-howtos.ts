import { ALARM } from './changes/alarm';
import { AUDIT_METADATA_MEMBER } from './changes/audit-metadata';
import { DEFAULT } from './changes/default';
import { LIMIT } from './changes/limit';
import { PROVIDER } from './changes/provider';
import { REGION } from './changes/region';
import type { Howto } from './howto';

/** The changes that people make. */
export const HOWTOS: readonly Howto[] = [AUDIT_METADATA_MEMBER, PROVIDER, REGION, DEFAULT, LIMIT, ALARM];
