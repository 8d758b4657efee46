import { ALARM } from './changes/alarm';
import { AUDIT_FIELD } from './changes/audit-field';
import { AUDIT_METADATA_MEMBER } from './changes/audit-metadata';
import { COMMAND } from './changes/command';
import { DEFAULT } from './changes/default';
import { ERROR_TEXT } from './changes/error-text';
import { KEK_SOURCE } from './changes/kek-source';
import { LIMIT } from './changes/limit';
import { OPERATION } from './changes/operation';
import { PROVIDER } from './changes/provider';
import { QUEUE_MESSAGE } from './changes/queue-message';
import { REGION } from './changes/region';
import type { Howto } from './howto';

/** Frequent changes to the product. */
export const HOWTOS: readonly Howto[] = [
  AUDIT_FIELD,
  AUDIT_METADATA_MEMBER,
  OPERATION,
  PROVIDER,
  REGION,
  DEFAULT,
  KEK_SOURCE,
  ERROR_TEXT,
  COMMAND,
  ALARM,
  LIMIT,
  QUEUE_MESSAGE,
];
