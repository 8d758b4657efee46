import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openLogDisk } from '../../../../lambdas/adapters/local/log/open-log-disk';
import type { LogDisk } from '../../../../lambdas/adapters/local/log/log-disk';
import { createSystemRandomness } from '../../../../lambdas/adapters/system/system-randomness';
import type { AuditEvent } from '../../../../lambdas/core/audit/audit-event';
import { LOCAL_REGION } from '../../../../lambdas/core/contract/local-mode';
import { parseLogKeys } from '../../../../lambdas/core/transparency/log-keys';
import type { Published } from '../../../../lambdas/core/transparency/publish';
import { formatEventLine } from '../../../../lambdas/core/audit/event-line';
import { LogWork } from '../../../../local/log/log-work';
import { auditEvent, recordOf } from '../../../contract/audit-events';
import { WrittenJournal } from '../../../doubles/written-journal';
import { auditLog, policyOf } from '../../transparency/published-log';

const ORIGIN = `localhost.localdomain/keyward/local/${LOCAL_REGION}`;
export const HOUR = '2026-11-21T09';
const START = Date.parse(`${HOUR}:00:00.000Z`);

let logs = 0;

/** A journal and its log on this machine's disk. */
export function localLogWorld(parent: string) {
  const journal = new WrittenJournal();
  const log = join(parent, `log-${(logs += 1)}`);
  const clock = { time: START, now: () => clock.time };
  const view = (hasTakenOver = true) => ({ end: journal.end, hasTakenOver });
  const open = (openDisk: (directory: string) => LogDisk = openLogDisk): LogWork =>
    new LogWork({
      journal: journal.directory,
      log,
      openDisk,
      origin: ORIGIN,
      clock,
      randomness: createSystemRandomness(),
      rest: () => Promise.resolve(),
    });
  const checkpoints: Buffer[] = [];
  return {
    journal,
    log,
    clock,
    view,
    open,
    file: (name: string) => readFileSync(join(log, name)),
    /** Publishes, and fails for a fault. */
    publish: async (work = open(), hasTakenOver = true): Promise<Published> => {
      const { value, fault } = await work.publish(view(hasTakenOver), '');
      if (value === undefined) throw new Error(fault);
      checkpoints.push(readFileSync(join(log, 'checkpoint')));
      return value;
    },
    /** All lines that the archive has, without their line feeds. */
    lines: async (work = open()): Promise<string[]> => {
      const lines: string[] = [];
      for (const path of await work.list(view(), 'archive/')) {
        lines.push(...((await work.read(view(), path)) ?? '').toString('utf8').split('\n').slice(0, -1));
      }
      return lines;
    },
    /** Audits the log against the archive, as anybody would. @returns the ids of its events */
    audit: async (work = open()): Promise<readonly string[]> => {
      const lines: string[] = [];
      const store = new Map<string, Buffer>();
      for (const prefix of ['tile/', 'index/'])
        for (const path of await work.list(view(), prefix)) store.set(path, (await work.read(view(), path))!);
      for (const path of await work.list(view(), 'archive/')) {
        lines.push(...((await work.read(view(), path)) ?? '').toString('utf8').split('\n').slice(0, -1));
      }
      const keys = parseLogKeys(readFileSync(join(log, 'keys'))).value!;
      return auditLog({ checkpoints, store }, lines, policyOf(keys.log, keys.cosigner));
    },
  };
}

/** Events of an hour, each of its own second. */
export const eventsOf = (from: number, to: number, hour = HOUR): readonly AuditEvent[] =>
  Array.from({ length: to - from }, (_, at) =>
    auditEvent({
      timestamp: `${hour}:${String(Math.floor((from + at) / 60) % 60).padStart(2, '0')}:${String((from + at) % 60).padStart(2, '0')}.000Z`,
    }),
  );

/** The lines of a journal of this release: events with their nonces. */
export const withNonces = (events: readonly AuditEvent[]): readonly string[] =>
  events.map((event) => formatEventLine(recordOf(event)));

export const idsOf = (events: readonly AuditEvent[]): readonly string[] => events.map(({ id }) => id);
