import {
  DEK_ROTATION_STATUSES,
  type DekRotationReport,
  type ShardProgress,
} from '../../../core/dek-rotation/dek-rotation-report';
import { isCount, isRecord, isTimestamp } from '../../../core/crypto/record-checks';

type Check = (value: unknown) => boolean;
type Shape<T> = { readonly [N in keyof Required<T>]: Check };

const isText: Check = (value) => typeof value === 'string';
const isFlag: Check = (value) => typeof value === 'boolean';
const isVersion: Check = (value) => isCount(value, 1);
const isNumber: Check = (value) => isCount(value, 0);
const isTexts: Check = (value) => Array.isArray(value) && value.every(isText);
const oneOf =
  (...texts: readonly unknown[]): Check =>
  (value) =>
    texts.includes(value);
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const recordOf =
  (check: Check): Check =>
  (value) =>
    isRecord(value) && Object.values(value).every(check);
const hasShape =
  (shape: Readonly<Record<string, Check>>): Check =>
  (value) =>
    isRecord(value) && Object.entries(shape).every(([name, check]) => check(value[name]));

const isMark = hasShape({ key_sha256: isText, request_sha256: isText });

const REPORT: Shape<DekRotationReport> = {
  provider: isText,
  rotation_id: isText,
  revision: isVersion,
  write_id: isText,
  status: oneOf(...DEK_ROTATION_STATUSES),
  version: isVersion,
  from_version: isVersion,
  emergency: isFlag,
  reason: orNull(isText),
  started_by: isText,
  idempotency: optional(isMark),
  takeover: optional(
    hasShape({ by: isText, at: isTimestamp, reason: optional(isText), idempotency: optional(isMark) }),
  ),
  started_at: isTimestamp,
  promoted_at: orNull(isTimestamp),
  grace_until: orNull(isTimestamp),
  ended_at: orNull(isTimestamp),
  proofs: recordOf(hasShape({ proved_at: isTimestamp, revision: isVersion, kek_id: isText })),
  acknowledged: recordOf(isTimestamp),
  unproved_regions: isTexts,
};

const PROGRESS: Shape<ShardProgress> = {
  provider: isText,
  rotation_id: isText,
  shard: isNumber,
  revision: isVersion,
  write_id: isText,
  phase: oneOf('moving', 'verifying', 'verified'),
  pass: isVersion,
  pass_started_at: isTimestamp,
  after: orNull(isText),
  total: isNumber,
  moved: isNumber,
  skipped: isNumber,
  failed: isNumber,
  failures: isTexts,
  previous_failures: optional(isTexts),
  started_at: isTimestamp,
  updated_at: isTimestamp,
};

const isReport = hasShape(REPORT);
const isProgress = hasShape(PROGRESS);

/** Reads the report of exactly that rotation; undefined if the row was edited. */
export const toReport = (value: unknown, provider: string, rotationId: string): DekRotationReport | undefined =>
  isReport(value) && isRecord(value) && value['provider'] === provider && value['rotation_id'] === rotationId
    ? (value as unknown as DekRotationReport)
    : undefined;

/** Reads the progress of exactly that shard; undefined if the row was edited. */
export const toProgress = (
  value: unknown,
  provider: string,
  rotationId: string,
  shard?: number,
): ShardProgress | undefined =>
  isProgress(value) &&
  isRecord(value) &&
  value['provider'] === provider &&
  value['rotation_id'] === rotationId &&
  (shard === undefined || value['shard'] === shard)
    ? (value as unknown as ShardProgress)
    : undefined;
