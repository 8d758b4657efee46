import {
  DEK_VERSION_STATES,
  type DekVersionRecord,
  type DekVersionState,
  type KeysetRecord,
  type DekRotationPolicy,
} from './keyset-record';
import { parseKeyVersion } from '../crypto/key-version';
import { isProvider } from '../crypto/provider';
import { isCount, isRecord, isTimestamp } from '../crypto/record-checks';

/** Whether a value has the shape of a keyset record. Checks the members that this release knows; others are allowed. */
export function isKeysetRecord(value: unknown): value is KeysetRecord {
  if (!isRecord(value) || !isRecord(value['versions'])) return false;
  const { provider, revision, write_id: writeId, kek_id: kekId, primary_version: primaryVersion } = value;
  return (
    typeof provider === 'string' &&
    isProvider(provider) &&
    isCount(revision, 1) &&
    typeof writeId === 'string' &&
    typeof kekId === 'string' &&
    isCount(primaryVersion, 1) &&
    isTimestamp(value['dek_created_at']) &&
    isCount(value['dek_rotation_count'], 0) &&
    isDekRotationPolicy(value['rotation_policy']) &&
    isAbsentOr(isRunningDekRotation, value['rotation']) &&
    isAbsentOr(isEndedDekRotation, value['last_rotation']) &&
    isAbsentOr((highest) => isCount(highest, 1), value['highest_version']) &&
    typeof value['mac'] === 'string' &&
    Object.entries(value['versions']).every(
      ([number, entry]) =>
        parseKeyVersion(number) !== undefined &&
        isDekVersionRecord(entry) &&
        (entry.state === 'primary') === (Number(number) === primaryVersion),
    ) &&
    Object.hasOwn(value['versions'], String(primaryVersion))
  );
}

const isAbsentOr = (check: (value: unknown) => boolean, value: unknown): boolean => value === undefined || check(value);

const TIMES_OF_VERSION = [
  'promoted_at',
  'superseded_at',
  'grace_until',
  'retired_at',
  'unreferenced_since',
  'destroyed_at',
] as const;

const isDestruction = (value: unknown): boolean =>
  isRecord(value) && isTimestamp(value['scheduled_at']) && isTimestamp(value['not_before']);

const isText = (value: unknown): boolean => typeof value === 'string';

const isMark = (value: unknown): boolean =>
  isRecord(value) && isText(value['key_sha256']) && isText(value['request_sha256']);

const isEscalation = (value: unknown): boolean =>
  isRecord(value) &&
  isText(value['by']) &&
  isTimestamp(value['at']) &&
  isAbsentOr(isText, value['reason']) &&
  isAbsentOr(isMark, value['idempotency']);

const isRunningDekRotation = (value: unknown): boolean =>
  isRecord(value) &&
  isText(value['id']) &&
  (value['phase'] === 'publishing' || value['phase'] === 'rekeying') &&
  isCount(value['version'], 1) &&
  isCount(value['from_version'], 1) &&
  typeof value['emergency'] === 'boolean' &&
  isTimestamp(value['started_at']) &&
  isText(value['started_by']) &&
  isAbsentOr(isText, value['reason']) &&
  isAbsentOr(isTimestamp, value['promoted_at']) &&
  isAbsentOr(isMark, value['idempotency']) &&
  isAbsentOr(isEscalation, value['takeover']);

const isEndedDekRotation = (value: unknown): boolean =>
  isRecord(value) && isText(value['id']) && isText(value['outcome']) && isTimestamp(value['ended_at']);

function isDekVersionRecord(value: unknown): value is DekVersionRecord {
  if (!isRecord(value) || !isTimestamp(value['created_at'])) return false;
  if (!DEK_VERSION_STATES.includes(value['state'] as DekVersionState)) return false;
  if (!TIMES_OF_VERSION.every((member) => isAbsentOr(isTimestamp, value[member]))) return false;
  if (!isAbsentOr(isDestruction, value['destruction'])) return false;
  return value['state'] === 'destroyed'
    ? value['encrypted_dek'] === undefined
    : typeof value['encrypted_dek'] === 'string';
}

function isDekRotationPolicy(value: unknown): value is DekRotationPolicy {
  return (
    isRecord(value) &&
    typeof value['enabled'] === 'boolean' &&
    isCount(value['interval_days'], 1) &&
    isCount(value['grace_period_days'], 0) &&
    isTimestamp(value['next_rotation_at']) &&
    (value['last_rotation_at'] === null || isTimestamp(value['last_rotation_at']))
  );
}
