import { newAuditEvent } from '../../../lambdas/core/audit/audit-event';
import { formatEventLine } from '../../../lambdas/core/audit/event-line';
import { formatLogKeys, KEYS_PATH } from '../../../lambdas/core/transparency/log-keys';
import { parseTrustPolicy } from '../../../lambdas/core/transparency/parse-trust-policy';
import type { LogFiles } from '../../../lambdas/core/transparency/ports/log-files';
import type { TrustPolicy } from '../../../lambdas/core/transparency/trust-policy';
import { formatVerifierKey } from '../../../lambdas/core/transparency/verifier-key';
import {
  verifyAudit,
  type VerifiedAudit,
  type VerifyAuditInput,
} from '../../../lambdas/core/transparency/verify-audit';
import { archivePath, parseArchivePath } from '../../../lambdas/core/transparency/archive-path';
import { testSigner, type TestSigner } from '../../doubles/transparency/test-signer';
import { lineOf, ORIGIN, publisherWorld, REGION, type PublisherWorld } from './publisher-world';

export const LOG_KEY = testSigner(ORIGIN);
export const COSIGNER = testSigner(`${ORIGIN}/cosigner`, 'cosignature');

/** A policy that asks for the log's own cosignature, and for those of given witnesses. */
export function policyOf(log: TestSigner, cosigner: TestSigner, witnesses: readonly TestSigner[] = []): TrustPolicy {
  const lines = [
    `log ${formatVerifierKey(log.key)}`,
    `witness own ${formatVerifierKey(cosigner.key)}`,
    ...witnesses.map(({ key }, at) => `witness w${at} ${formatVerifierKey(key)}`),
    `group all all own ${witnesses.map((_, at) => `w${at}`).join(' ')}`,
    'quorum all',
  ];
  return parseTrustPolicy(Buffer.from(lines.map((line) => `${line}\n`).join(''))).value!;
}

export type Event = Record<string, unknown>;

/** A log in memory with its table and its keys, all of which an attacker may edit. */
export interface AuditWorld {
  readonly log: PublisherWorld;
  /** Objects beside the store: the keys, and proofs of hand-overs. */
  readonly others: Map<string, Buffer>;
  /** The items of the table by id, as the API shows them. */
  readonly table: Map<string, Event>;
  readonly files: LogFiles;
  /** Makes events: in the table, and archived as one object. */
  happen(from: number, to: number): string;
  verify(changed?: Partial<VerifyAuditInput>): Promise<VerifiedAudit>;
}

/** @param keysPath empty: the keys are those that the publisher writes */
export function auditWorld(log: PublisherWorld = publisherWorld(), keysPath = KEYS_PATH): AuditWorld {
  const others = new Map([[KEYS_PATH, formatLogKeys({ log: LOG_KEY.key, cosigner: COSIGNER.key })]]);
  const table = new Map<string, Event>();
  const files: LogFiles = {
    read: async (path) => {
      if (path === 'checkpoint' || path === 'state') return log.values[path]?.bytes;
      if (path === keysPath) return others.get(path);
      const object = parseArchivePath(path);
      if (object !== undefined) return log.archive.get(object.hour)?.get(object.sha256);
      return others.get(path) ?? log.store.get(path);
    },
    list: async (prefix) =>
      [...log.store.keys(), ...others.keys(), ...archived(log)].filter((path) => path.startsWith(prefix)),
  };
  return {
    log,
    others,
    table,
    files,
    happen(from, to) {
      const lines = Array.from({ length: to - from }, (_, at) => auditLine(from + at));
      for (const line of lines) {
        const event = shown(line);
        table.set(event['id'] as string, event);
      }
      return log.archiveLines(lines);
    },
    verify: (changed = {}) =>
      verifyAudit({
        files,
        policy: policyOf(LOG_KEY, COSIGNER),
        origin: ORIGIN,
        events: later(() => [...table.values()]),
        now: log.now,
        ...changed,
      }),
  };
}

const archived = ({ archive }: PublisherWorld): string[] =>
  [...archive].flatMap(([hour, objects]) => [...objects.keys()].map((sha256) => archivePath({ hour, sha256 })));

/** An archived event by its number, as archiver and journal write it. */
export const auditLine = (number: number, changed: Readonly<Event> = {}): string => {
  const { id, timestamp, nonce } = JSON.parse(lineOf(number)) as Readonly<Record<'id' | 'timestamp' | 'nonce', string>>;
  const event = newAuditEvent({
    id,
    timestamp,
    event_type: 'decrypt',
    provider: 'openai',
    user_id: `arn:aws:iam::123456789012:role/caller-${number % 7}`,
    success: true,
    region: REGION,
    request_id: `request-${number}`,
    metadata: { operation: 'decrypt', credential: `c${number}` },
  });
  return formatEventLine({ ...event, ...changed, nonce });
};

/** An archived event as the API shows it. */
export function shown(line: string): Event {
  const { nonce, ...event } = JSON.parse(line) as Event;
  expect(nonce).toBeDefined();
  return event;
}

/** Asked for when it is read: after the log. */
async function* later<T>(items: () => readonly T[]): AsyncGenerator<T> {
  yield* items();
}

export async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

/** The kinds of failures that were found, and that of each finding with where it is. */
export const kindsOf = ({ counts }: VerifiedAudit): string[] =>
  Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([kind]) => kind)
    .toSorted();
