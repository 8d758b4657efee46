import { isRecord } from '../../lambdas/core/crypto/record-checks';
import type { JsonObject } from '../client/json-object';

/** What an event of the audit log is for an auditor. Each event is of one kind. */
export const EVENT_KINDS = {
  access: 'uses of keys',
  change: 'changes',
  failure: 'failures and refusals',
  read: 'reads of the audit log',
  intent: 'intents: each has an outcome, which is counted as a change or a failure',
  other: 'dry runs, and types of another release',
} as const;

export type EventKind = keyof typeof EVENT_KINDS;

const FAILURES: readonly unknown[] = ['failed_decrypt', 'unauthorized_access'];
const CHANGES: readonly unknown[] = ['config_change', 'rotate'];
const ACCESSES: readonly unknown[] = ['encrypt', 'decrypt', 'rewrap'];

/** The kind of an event. A change whose outcome is unknown is a change. */
export function kindOf(event: JsonObject): EventKind {
  const { event_type: type, success } = event;
  const { phase, operation } = metadataOf(event);
  if (phase === 'intent') return 'intent';
  if (success === false || FAILURES.includes(type)) return 'failure';
  if (type === 'audit_read') return 'read';
  if (operation === 'rotation_dry_run') return 'other';
  if (phase === 'outcome' || CHANGES.includes(type)) return 'change';
  return ACCESSES.includes(type) ? 'access' : 'other';
}

/** The metadata of an event; empty if the row was edited. */
export const metadataOf = ({ metadata }: JsonObject): JsonObject => (isRecord(metadata) ? metadata : {});
