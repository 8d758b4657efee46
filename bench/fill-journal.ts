import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { createSystemRandomness } from '../lambdas/adapters/system/system-randomness';
import { newAuditRecord } from '../lambdas/core/audit/audit-record';
import { formatEventLine } from '../lambdas/core/audit/event-line';
import { CHAIN_START, formatHeader, sealGroup } from '../local/journal/journal-format';
import type { JournalEnd } from '../local/journal/journal-view';
import { formatSegment, hourOf, segmentFile } from '../local/journal/segment-name';

const SEGMENT_BYTES = 67_108_864;
const GROUP = 16;
const PROVIDERS = 8;
const PRINCIPALS = 40;

/**
 * Writes a journal of decrypts like a busy server's: 8 providers, 40 principals, 16 events per group. Takes ten seconds for
 * 1,000,000.
 *
 * @param endsAt the time of the newest event
 * @param spanMs from the oldest to the newest event
 */
export function fillJournal(directory: string, count: number, endsAt: number, spanMs: number): JournalEnd {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  let end: JournalEnd | undefined;
  let chain = CHAIN_START;
  let hour = '';
  let part = 0;
  let file: number | undefined;
  for (let written = 0; written < count; written += GROUP) {
    const time = Math.floor(endsAt - spanMs + (spanMs * written) / count);
    if (end === undefined || hourOf(time) !== hour || end.bytes > SEGMENT_BYTES) {
      part = hourOf(time) === hour ? part + 1 : 1;
      hour = hourOf(time);
      const segment = formatSegment({ hour, part });
      if (file !== undefined) closeSync(file);
      file = openSync(join(directory, segmentFile(segment)), 'wx', 0o600);
      end = { segment, bytes: writeSync(file, formatHeader({ journal: 1, segment, previous: chain })) };
    }
    const lines = Array.from({ length: Math.min(GROUP, count - written) }, (_, index) => lineOf(written + index, time));
    const { bytes, hash } = sealGroup(lines, chain);
    chain = hash;
    end = { segment: end.segment, bytes: end.bytes + writeSync(file as number, bytes) };
  }
  if (file !== undefined) closeSync(file);
  if (end === undefined) throw new Error('a journal has at least one event');
  return end;
}

const randomness = createSystemRandomness();

const lineOf = (index: number, time: number): string =>
  formatEventLine(
    newAuditRecord(
      { clock: { now: () => time }, randomness },
      {
        event_type: 'decrypt',
        provider: `provider-${index % PROVIDERS}`,
        user_id: `arn:aws:sts::000000000000:assumed-role/service-${index % PRINCIPALS}/session`,
        ip_address: '192.0.2.1',
        user_agent: 'aws-sdk-js/3.1162.0 ua/2.1 os/linux lang/js md/nodejs#20.20.2 api/lambda',
        success: true,
        region: 'us-east-1',
        request_id: randomBytes(16).toString('hex'),
        key_version: 1,
        token_sha256: randomBytes(32).toString('hex'),
        metadata: { operation: 'decrypt' },
      },
    ),
  );
