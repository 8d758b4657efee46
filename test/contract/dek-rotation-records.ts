import { randomBytes } from 'node:crypto';
import type { DekRotationReport, ShardProgress } from '../../lambdas/core/dek-rotation/dek-rotation-report';
import { newWriteId } from './random-name';

export const AT = '2026-11-21T09:00:00.000Z';

/** A record of a rotation that started this many milliseconds after another one. */
export const newDekRotationId = (ms = 0): string =>
  (Date.parse(AT) + ms).toString(16).padStart(12, '0') + randomBytes(10).toString('hex');

export const report = (change: Partial<DekRotationReport> & { provider: string }): DekRotationReport => ({
  rotation_id: newDekRotationId(),
  revision: 1,
  write_id: newWriteId(),
  status: 'publishing',
  version: 2,
  from_version: 1,
  emergency: false,
  reason: null,
  started_by: 'keyward:sweep',
  started_at: AT,
  promoted_at: null,
  grace_until: null,
  ended_at: null,
  proofs: {},
  acknowledged: {},
  unproved_regions: [],
  ...change,
});

export const progress = (
  change: Partial<ShardProgress> & { provider: string; rotation_id: string },
): ShardProgress => ({
  shard: 0,
  revision: 1,
  write_id: newWriteId(),
  phase: 'moving',
  pass: 1,
  pass_started_at: AT,
  after: null,
  total: 0,
  moved: 0,
  skipped: 0,
  failed: 0,
  failures: [],
  started_at: AT,
  updated_at: AT,
  ...change,
});
