import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { openLogDisk } from '../../../lambdas/adapters/local/log/open-log-disk';
import { AuditTrail } from '../../../lambdas/core/audit/audit-trail';
import type { AuditRecord } from '../../../lambdas/core/audit/audit-record';
import { auditUseCases, logUseCases } from '../../../lambdas/core/runtime/create-application';
import { parseArchivePath } from '../../../lambdas/core/transparency/archive-path';
import type { LogSigner } from '../../../lambdas/core/transparency/ports/log-signer';
import { SIGNATURE_TYPES } from '../../../lambdas/core/transparency/verifier-key';
import { createJournalReader } from '../../../local/journal/journal-reader';
import { CHAIN_START, formatHeader, sealGroup } from '../../../local/journal/journal-format';
import { JournalSearches } from '../../../local/journal/journal-searches';
import { openLocalJournal } from '../../../local/journal/open-local-journal';
import { formatSegment, ownSegments, segmentFile } from '../../../local/journal/segment-name';
import { createLocalEventLines, createLocalLogs } from '../../../local/log/local-logs';
import { LogWork } from '../../../local/log/log-work';
import { AUDIT_DIRECTORY, LOG_DIRECTORY } from '../../../local/local-names';
import { AMPLE_MS } from '../../ample-limits';
import { CountingMetrics, testRandomness } from '../../doubles/memory-ports';
import { RecordingLogger } from '../../doubles/recording-logger';
import type { Ground, Stored } from '../../unit/transparency/attacked-log';
import { COSIGNER, LOG_KEY, shown, type Event } from '../../unit/transparency/audit-world';
import { ORIGIN, REGION } from '../../unit/transparency/publisher-world';
import { readAsAuditor } from './read-as-auditor';

/** A data directory on this machine's disk, written by the parts of local mode, and edited as files. */
export interface DirectoryGround extends Ground {
  remove(): void;
}

const DAYS = 90;
const KEY_FILES = { 'log.key': LOG_KEY, 'cosigner.key': COSIGNER };
/** Hours with their objects, each of which is a segment, in the order of their first lines. */
const inOrder = (
  hours: ReadonlyMap<string, readonly string[][]>,
): readonly (readonly [string, readonly string[][]])[] =>
  Array.from(
    hours,
    ([hour, objects]) =>
      [hour, objects.filter(({ length }) => length > 0).toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1))] as const,
  )
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .filter(([, objects]) => objects.length > 0);

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** The file of a key whose seed is the hash of its name ({@link testSigner}). */
function keyFile({ key }: { readonly key: LogSigner['key'] }): string {
  const seed = createHash('sha256').update(key.name).digest();
  const typed = Buffer.concat([Buffer.of(SIGNATURE_TYPES[key.type]), seed]);
  return `PRIVATE+KEY+${key.name}+${key.id}+${typed.toString('base64')}\n`;
}

export function directoryGround(): DirectoryGround {
  const home = mkdtempSync(join(tmpdir(), 'keyward-attacks-'));
  const [journal, log] = [join(home, AUDIT_DIRECTORY), join(home, LOG_DIRECTORY)];
  const clock = { time: 0, now: () => clock.time, sleep: () => Promise.resolve() };
  for (const directory of [journal, log]) mkdirSync(directory, { mode: 0o700 });
  writeKeys();

  function writeKeys(): void {
    for (const [name, signer] of Object.entries(KEY_FILES))
      writeFileSync(join(log, name), keyFile(signer), { mode: 0o600 });
  }

  const segments = (): readonly string[] => ownSegments(readdirSync(journal)).map(({ segment }) => segment);
  const pathOf = (segment: string): string => join(journal, segmentFile(segment));
  const view = () => {
    const segment = segments().at(-1);
    return {
      end: segment === undefined ? undefined : { segment, bytes: statSync(pathOf(segment)).size },
      hasTakenOver: true,
    };
  };

  const work = (): LogWork =>
    new LogWork({
      journal,
      log,
      openDisk: openLogDisk,
      origin: ORIGIN,
      clock,
      randomness: testRandomness,
      rest: () => Promise.resolve(),
    });

  /** The lines of each hour's objects. */
  async function readArchive(): Promise<Stored['archive']> {
    const reading = work();
    const archive: Stored['archive'] = new Map();
    for (const path of await reading.list(view(), 'archive/')) {
      const { hour, sha256 } = parseArchivePath(path)!;
      const objects = archive.get(hour) ?? new Map<string, Buffer>();
      archive.set(hour, objects.set(sha256, (await reading.read(view(), path))!));
    }
    return archive;
  }

  /** In local mode the archive is the table: whoever edits an event edits the journal's line. */
  function editTable(hours: Map<string, string[][]>, table: Stored['table'], held: Stored['table']): void {
    const change = (id: string, by: (line: string) => string[]): void => {
      for (const [hour, groups] of hours) {
        hours.set(
          hour,
          groups.map((lines) => lines.flatMap((line) => (line.includes(`"id":"${id}"`) ? by(line) : [line]))),
        );
      }
    };
    for (const id of held.keys()) if (!table.has(id)) change(id, () => []);
    const added: string[] = [];
    const present = (line: string): boolean => [...hours.values()].flat(2).includes(line);
    for (const [key, event] of table) {
      if (same(held.get(key), event)) continue;
      const lineWith = (nonce: unknown): string => JSON.stringify({ ...event, nonce });
      if (held.has(key)) change(key, (line) => [lineWith((JSON.parse(line) as Event)['nonce'])]);
      else if (![...hours.values()].flat(2).some((line) => line.startsWith('{') && same(shown(line), event))) {
        const line = lineWith(createHash('sha256').update(key).digest('base64'));
        if (!present(line)) added.push(line);
      }
    }
    const last = [...hours.keys()].toSorted().at(-1);
    if (added.length > 0 && last !== undefined) hours.get(last)!.push(added);
  }

  const linesOf = (bytes: Buffer): string[] => bytes.toString('utf8').split('\n').slice(0, -1);

  /** Writes the journal anew, its chain of hashes too, where its lines are others. */
  async function writeJournal(stored: Stored, before: Stored['table']): Promise<void> {
    const hours = new Map(
      Array.from(stored.archive, ([hour, objects]): [string, string[][]] => [hour, [...objects.values()].map(linesOf)]),
    );
    editTable(hours, stored.table, before);
    const there = new Map(
      Array.from(await readArchive(), ([hour, objects]): [string, string[][]] => [
        hour,
        [...objects.values()].map(linesOf),
      ]),
    );
    const wanted = inOrder(hours);
    if (same(inOrder(there), wanted)) return;
    for (const segment of segments()) rmSync(pathOf(segment));
    let previous = CHAIN_START;
    for (const [hour, objects] of wanted) {
      for (const [at, lines] of objects.entries()) {
        const segment = formatSegment({ hour, part: at + 1 });
        const { bytes, hash } = sealGroup(lines, previous);
        const header = formatHeader({ journal: 1, segment, previous });
        writeFileSync(pathOf(segment), Buffer.concat([header, bytes]), { mode: 0o600 });
        previous = hash;
      }
    }
  }

  function tableOf(archive: Stored['archive']): Stored['table'] {
    const lines = [...archive.values()].flatMap((objects) => [...objects.values()].flatMap(linesOf));
    const events = lines.filter((line) => line.startsWith('{')).map(shown);
    return new Map(events.map((event) => [String(event['id']), event]));
  }

  const ground: DirectoryGround = {
    name: 'a data directory',
    async happen(lines, now) {
      clock.time = now;
      const opened = await openLocalJournal({
        directory: journal,
        deadlineMs: AMPLE_MS,
        clock,
        logger: new RecordingLogger(),
        onFailure: () => undefined,
      });
      await Promise.all(lines.map((line) => opened.journal.append(JSON.parse(line) as AuditRecord)));
      await opened.journal.drain();
      await opened.journal.close();
    },
    async publish(now) {
      clock.time = now;
      await work().publish(view(), '');
    },
    async load() {
      const archive = await readArchive();
      const stored: Stored = {
        archive,
        store: new Map(),
        values: { state: undefined, checkpoint: undefined },
        others: new Map(),
        table: tableOf(archive),
      };
      for (const entry of readdirSync(log, { recursive: true, withFileTypes: true })) {
        if (entry.isDirectory() || entry.name in KEY_FILES) continue;
        const path = join(entry.parentPath, entry.name).slice(log.length + 1);
        const bytes = readFileSync(join(log, path));
        if (path === 'state' || path === 'checkpoint') stored.values[path] = { bytes, tag: path };
        else (/^(tile|index)\//.test(path) ? stored.store : stored.others).set(path, bytes);
      }
      return stored;
    },
    async put(stored, before) {
      await writeJournal(stored, before);
      rmSync(log, { recursive: true });
      mkdirSync(log, { mode: 0o700 });
      writeKeys();
      const files = [...stored.store, ...stored.others];
      for (const name of ['state', 'checkpoint'] as const) {
        const value = stored.values[name];
        if (value !== undefined) files.push([name, value.bytes]);
      }
      for (const [path, bytes] of files) {
        mkdirSync(dirname(join(log, path)), { recursive: true, mode: 0o700 });
        writeFileSync(join(log, path), bytes, { mode: 0o600 });
      }
    },
    read(now) {
      clock.time = now;
      const searches = new JournalSearches({ directory: journal, clock, onDamage: () => undefined });
      const marks = { wasUsed: () => Promise.resolve(true), markUsed: () => Promise.resolve() };
      const audit = createJournalReader({ tell: () => view().end, searches, older: () => undefined, marks, clock });
      // Reads are events themselves: these are left out.
      const sink = { append: () => Promise.resolve() };
      const trail = new AuditTrail({
        sink,
        clock,
        randomness: testRandomness,
        metrics: new CountingMetrics(),
        region: REGION,
      });
      const calls = work();
      const ports = {
        logs: createLocalLogs({ calls, view, retentionDays: DAYS }),
        publisher: { publish: () => Promise.resolve(undefined) },
        lines: createLocalEventLines({ calls, view }),
      };
      const keysets = { region: REGION, get: () => Promise.resolve(undefined) };
      return readAsAuditor(
        { ...auditUseCases({ keysets, audit, trail, clock }), ...logUseCases(ports, { audit, trail, region: REGION }) },
        now,
      );
    },
    remove() {
      rmSync(home, { recursive: true, force: true });
    },
  };
  return ground;
}
