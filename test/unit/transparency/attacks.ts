import { hash } from 'node:crypto';
import { encodeBundle, parseBundle } from '../../../lambdas/core/transparency/entry-bundle';
import { handOverPath } from '../../../lambdas/core/transparency/follow-hand-overs';
import { formatLogKeys, KEYS_PATH } from '../../../lambdas/core/transparency/log-keys';
import { publish } from '../../../lambdas/core/transparency/publish';
import { formatNote, parseNote } from '../../../lambdas/core/transparency/signed-note';
import type { VerifyAuditInput } from '../../../lambdas/core/transparency/verify-audit';
import { testSigner } from '../../doubles/transparency/test-signer';
import { NUMBER_OF_EVENTS, type Scene } from './attacked-log';
import { auditLine, COSIGNER, each, LOG_KEY, policyOf, shown } from './audit-world';
import { handOver } from './hand-over';
import { HOUR_MS, ORIGIN, publisherWorld, REGION, START } from './publisher-world';

const DAY_MS = 24 * HOUR_MS;
const SECOND_HOUR = new Date(START + HOUR_MS).toISOString().slice(0, 13);
const BUNDLE = 'tile/entries/001';
const NEXT = testSigner(ORIGIN, 'ed25519', 'the next key');
const WITNESS = testSigner('witness.example/log', 'cosignature');

/** Who signs in an attacker's place: nobody, or somebody with other keys of the same names. */
const ATTACKER = {
  log: testSigner(ORIGIN, 'ed25519', 'attacker'),
  cosigner: testSigner(`${ORIGIN}/cosigner`, 'cosignature', 'attacker too'),
};

const idOf = (number: number): string => (JSON.parse(auditLine(number)) as { id: string }).id;
const textOf = (lines: readonly string[]): Buffer => Buffer.from(lines.map((line) => `${line}\n`).join(''));
const linesIn = (bytes: Buffer): string[] => bytes.toString('utf8').trimEnd().split('\n');

/** The archive's object that has an event. */
function objectOf({ log: { archive } }: Scene, number: number): { objects: Map<string, Buffer>; sha256: string } {
  for (const objects of archive.values())
    for (const [sha256, bytes] of objects) if (bytes.includes(idOf(number))) return { objects, sha256 };
  throw new Error(`no object has event ${number}`);
}

function removeObjectOf(world: Scene, number: number): void {
  const { objects, sha256 } = objectOf(world, number);
  objects.delete(sha256);
}

/** Archives lines as one object, in the hour of the scene's clock, as nobody but the archiver should. */
function archiveLines({ log }: Scene, lines: readonly string[]): void {
  const bytes = textOf(lines);
  const hour = new Date(log.now).toISOString().slice(0, 13);
  log.archive.set(hour, (log.archive.get(hour) ?? new Map<string, Buffer>()).set(hash('sha256', bytes, 'hex'), bytes));
}

/** Replaces the archive's object that has an event by one of other lines, under its old name or under the one that these have. */
function rearchive(world: Scene, number: number, change: (lines: string[]) => string[], name: 'old' | 'new'): void {
  const { objects, sha256 } = objectOf(world, number);
  const bytes = textOf(change(linesIn(objects.get(sha256)!)));
  if (name === 'new') objects.delete(sha256);
  objects.set(name === 'new' ? hash('sha256', bytes, 'hex') : sha256, bytes);
}

const editLine = (number: number) => (lines: string[]) =>
  lines.map((line) => (line === auditLine(number) ? auditLine(number, { user_id: 'somebody else' }) : line));
const dropLine = (number: number) => (lines: string[]) => lines.filter((line) => line !== auditLine(number));

function editBundle(world: Scene, path: string, change: (entries: Buffer[]) => Buffer[]): void {
  const bytes = world.log.store.get(path)!;
  const width = Number(/\.p\/([0-9]+)$/.exec(path)?.[1] ?? 256);
  world.log.store.set(path, encodeBundle(change([...parseBundle(bytes, width).value!])));
}

function flip(store: Map<string, Buffer>, path: string, at = 5): void {
  const bytes = Buffer.from(store.get(path)!);
  bytes[at]! ^= 1;
  store.set(path, bytes);
}

const swap = <T>(items: readonly T[], a: number, b: number): T[] => items.with(a, items[b]!).with(b, items[a]!);

/** Rewrites store, archive and table as if these lines had been archived, all at once; what is signed stays. */
async function rewrite(world: Scene, lines: readonly string[], signers = { log: LOG_KEY, cosigner: COSIGNER }) {
  const other = publisherWorld();
  other.archiveLines(lines);
  other.now = world.log.now;
  const publisher = other.publisher();
  const signer = (one: typeof LOG_KEY) => ({ key: one.key, sign: async (text: Buffer) => one.signMessage(text) });
  await publish({ ...publisher, signers: { log: signer(signers.log), cosigner: signer(signers.cosigner) } });
  world.log.archive.clear();
  for (const [hour, objects] of other.archive) world.log.archive.set(hour, objects);
  world.log.store.clear();
  for (const [path, bytes] of other.store) world.log.store.set(path, bytes);
  world.table.clear();
  for (const line of lines) world.table.set(shown(line)['id'] as string, shown(line));
  return other.values;
}

const FOREIGN = auditLine(41, { region: 'eu-west-1' });
const LINES = Array.from({ length: NUMBER_OF_EVENTS }, (_, number) => auditLine(number));

/** The log's note with its signature lines changed. */
function resign(world: Scene, change: (note: ReturnType<typeof noteOf>) => ReturnType<typeof noteOf>): void {
  world.log.values.checkpoint = { bytes: formatNote(change(noteOf(world))), tag: 'attacker' };
}
const noteOf = ({ log }: Scene) => parseNote(log.values.checkpoint!.bytes).value!;

const editCheckpoint = (change: (text: string) => string) => (world: Scene) => {
  resign(world, ({ text, signatures }) => ({ text: change(text), signatures }));
};

export interface Attack {
  readonly name: string;
  readonly attack: (world: Scene) => unknown;
  /** Kinds of findings, all of them. */
  readonly finds: readonly string[];
  /** The same where the archive is the table, and where an object's name follows from its lines: in local mode. */
  readonly findsLocally?: readonly string[];
  /** The same in DynamoDB, where id and time are in the key, which nobody can edit. */
  readonly findsOnAws?: readonly string[];
  /** What the auditor has beside the checkpoint that was seen last. */
  readonly auditor?: (world: Scene) => Partial<VerifyAuditInput>;
}

const single: readonly Attack[] = [
  // The table.
  { name: 'an event deleted from the table', attack: ({ table }) => table.delete(idOf(40)), finds: ['missing'] },
  {
    name: 'an event of the table edited',
    attack: ({ table }) => table.set(idOf(40), { ...table.get(idOf(40)), user_id: 'somebody else' }),
    finds: ['edited'],
    findsLocally: ['edited', 'missing'],
  },
  {
    name: 'a member of an event’s metadata removed from the table',
    attack: ({ table }) => table.set(idOf(40), { ...table.get(idOf(40)), metadata: { operation: 'decrypt' } }),
    finds: ['edited'],
    findsLocally: ['edited', 'missing'],
  },
  {
    name: 'an event of the table that lost its id',
    attack: ({ table }) => table.set(idOf(40), { ...table.get(idOf(40)), id: null }),
    finds: ['edited', 'missing'],
    findsLocally: ['missing'],
    findsOnAws: ['edited'],
  },
  {
    name: 'an event put into the table, and into no log, two days ago',
    attack: ({ table, log }) => {
      table.set(idOf(900), shown(auditLine(900)));
      log.now += 2 * DAY_MS;
    },
    finds: ['expired_unpublished'],
  },
  {
    name: 'an event with a time of three days ago, put into the table now and so archived and published',
    attack: async ({ happen, log }) => {
      log.now += 3 * DAY_MS;
      await happen([auditLine(900)]);
      await log.publish();
    },
    finds: ['backdated'],
  },
  {
    name: 'a published event put into the table once more, edited, at another place',
    attack: ({ table }) => table.set('copy', { ...table.get(idOf(40)), provider: 'anthropic' }),
    finds: ['edited'],
  },
  // The archive.
  {
    name: 'an archive object edited',
    attack: (world) => {
      rearchive(world, 400, editLine(400), 'old');
    },
    finds: ['edited'],
    findsLocally: ['edited', 'missing'],
  },
  {
    name: 'an archive object edited, and named after its new lines',
    attack: (world) => {
      rearchive(world, 400, editLine(400), 'new');
    },
    finds: ['edited', 'missing'],
  },
  {
    name: 'an archive object of a closed hour edited, and named after its new lines',
    attack: async (world) => {
      await closeHours(world);
      rearchive(world, 4, editLine(4), 'new');
    },
    finds: ['edited'],
  },
  {
    name: 'a line removed from an archive object',
    attack: (world) => {
      rearchive(world, 4, dropLine(4), 'old');
    },
    finds: ['edited', 'missing'],
    findsLocally: ['missing'],
  },
  {
    name: 'an archive object removed',
    attack: (world) => {
      removeObjectOf(world, 400);
    },
    finds: ['missing'],
  },
  {
    name: 'an archive object of a closed hour removed',
    attack: async (world) => {
      await closeHours(world);
      removeObjectOf(world, 4);
    },
    finds: ['missing'],
  },
  {
    name: 'another line of an event archived beside the one that was published',
    attack: (world) => {
      archiveLines(world, [auditLine(40, { user_id: 'somebody else' })]);
    },
    finds: ['edited'],
  },
  {
    name: 'a line edited twice, in an archive object beside others of all sorts',
    attack: (world) => {
      rearchive(world, 400, (lines) => [...editLine(400)(lines), ...editLine(400)(lines), 'x', FOREIGN], 'new');
      archiveLines(world, [auditLine(400, { success: false }), auditLine(900), 'x', FOREIGN]);
    },
    finds: ['edited', 'missing', 'not_yet_published'],
  },
  {
    name: 'table and archive edited alike',
    attack: (world) => {
      rearchive(world, 400, editLine(400), 'new');
      world.table.set(idOf(400), shown(auditLine(400, { user_id: 'somebody else' })));
    },
    finds: ['edited', 'missing'],
  },
  {
    name: 'an event removed from table and archive alike',
    attack: (world) => {
      rearchive(world, 400, dropLine(400), 'new');
      world.table.delete(idOf(400));
    },
    finds: ['missing'],
  },
  // Tiles and bundles.
  {
    name: 'an entry edited',
    attack: ({ log }) => {
      flip(log.store, BUNDLE, 60);
    },
    finds: ['edited'],
  },
  {
    name: 'an entry replaced by one of another event',
    attack: (world) => {
      editBundle(world, BUNDLE, (entries) => entries.with(7, Buffer.from(entries[9]!)));
    },
    finds: ['edited', 'not_yet_published', 'replayed'],
  },
  {
    name: 'an entry made unreadable',
    attack: (world) => {
      editBundle(world, BUNDLE, (entries) => entries.with(7, Buffer.from('x')));
    },
    finds: ['edited', 'not_yet_published'],
  },
  {
    name: 'two entries of a bundle that changed places',
    attack: (world) => {
      editBundle(world, BUNDLE, (entries) => swap(entries, 3, 200));
    },
    finds: ['reordered'],
  },
  { name: 'a bundle removed', attack: ({ log }) => log.store.delete(BUNDLE), finds: ['missing'] },
  { name: 'a bundle emptied', attack: ({ log }) => log.store.set(BUNDLE, Buffer.alloc(0)), finds: ['edited'] },
  {
    name: 'a bundle cut',
    attack: ({ log }) => log.store.set(BUNDLE, log.store.get(BUNDLE)!.subarray(1)),
    finds: ['edited'],
  },
  { name: 'the head of the log cut', attack: ({ log }) => log.store.delete('tile/entries/000'), finds: ['missing'] },
  {
    name: 'the tail of the log cut',
    attack: ({ log }) => {
      [BUNDLE, 'tile/entries/002.p/108'].forEach((path) => log.store.delete(path));
    },
    finds: ['truncated'],
  },
  {
    name: 'the whole log removed but for what is signed',
    attack: ({ log }) => {
      log.store.clear();
    },
    finds: ['not_yet_published', 'truncated'],
  },
  {
    name: 'a tile edited',
    attack: ({ log }) => {
      flip(log.store, 'tile/0/001');
    },
    finds: ['edited'],
  },
  { name: 'a tile removed', attack: ({ log }) => log.store.delete('tile/0/001'), finds: ['missing'] },
  {
    name: 'a tile of another width',
    attack: ({ log }) => log.store.set('tile/0/001', Buffer.alloc(31)),
    finds: ['edited'],
  },
  {
    name: 'a tile of a higher level edited',
    attack: ({ log }) => {
      flip(log.store, 'tile/1/000.p/2');
    },
    finds: ['edited'],
  },
  {
    name: 'an older tile put back',
    attack: ({ log, shots }) => log.store.set('tile/0/001', shots[0]!.store.get('tile/0/001.p/74')!),
    finds: ['edited'],
  },
  // The index.
  {
    name: 'an index object edited',
    attack: ({ log }) => {
      flip(log.store, anIndex(log));
    },
    finds: ['edited', 'missing'],
  },
  {
    name: 'an index object cut',
    attack: ({ log }) => log.store.set(anIndex(log), Buffer.alloc(21)),
    finds: ['edited', 'missing'],
  },
  { name: 'an index object removed', attack: ({ log }) => log.store.delete(anIndex(log)), finds: ['missing'] },
  {
    name: 'an index object that says an event is published which is not',
    attack: ({ log }) => {
      const bytes = Buffer.alloc(22);
      bytes.write(idOf(900), 'hex');
      bytes.writeUIntBE(900, 16, 6);
      log.store.set(`${anIndex(log).slice(0, -12)}000000000009`, bytes);
    },
    finds: ['edited'],
  },
  {
    name: 'an index object of a minute that is none',
    attack: ({ log }) => log.store.set('index/2026/02/30/10/00/000000000001', log.store.get(anIndex(log))!),
    finds: ['edited'],
  },
  {
    name: 'a file that is no index object',
    attack: ({ log }) => log.store.set('index/1', log.store.get(anIndex(log))!),
    finds: ['edited'],
  },
  {
    name: 'an index object under a name that is none',
    attack: ({ log }) => log.store.set('index/2026/11/27/25/00/000000000001', log.store.get(anIndex(log))!),
    finds: ['edited'],
  },
  {
    name: 'index objects removed, so that an event is published once more',
    attack: async (world) => {
      const { log } = world;
      for (const path of [...log.store.keys()]) if (path.startsWith('index/')) log.store.delete(path);
      archiveLines(world, [auditLine(40)]);
      await log.publish();
    },
    finds: ['missing', 'replayed'],
  },
  // What the publisher wrote and signed.
  { name: 'the state removed', attack: ({ log }) => (log.values.state = undefined), finds: ['missing'] },
  {
    name: 'the state edited',
    attack: ({ log }) => {
      log.values.state = {
        bytes: Buffer.from(String(log.values.state!.bytes).replace('"range":2', '"range":3')),
        tag: 'x',
      };
    },
    finds: ['edited'],
  },
  {
    name: 'an older state put back',
    attack: ({ log, shots }) => (log.values.state = shots[0]!.values.state),
    finds: ['replayed'],
  },
  { name: 'the checkpoint removed', attack: ({ log }) => (log.values.checkpoint = undefined), finds: ['missing'] },
  {
    name: 'the checkpoint’s size edited',
    attack: editCheckpoint((text) => text.replace('\n620\n', '\n600\n')),
    finds: ['edited'],
  },
  {
    name: 'the checkpoint’s origin edited',
    attack: editCheckpoint((text) => text.replace('prod', 'dev')),
    finds: ['edited'],
  },
  { name: 'the checkpoint made unreadable', attack: editCheckpoint(() => 'x\n'), finds: ['edited'] },
  {
    name: 'an older checkpoint put back, state and all objects left',
    attack: ({ log, shots }) => (log.values.checkpoint = shots[0]!.values.checkpoint),
    finds: ['not_yet_published', 'replayed'],
  },
  {
    name: 'an older checkpoint put back with its state',
    attack: ({ log, shots }) => Object.assign(log.values, shots[0]!.values),
    finds: ['edited', 'not_yet_published', 'replayed'],
  },
  {
    name: 'the whole log put back to what it was an hour before',
    attack: ({ log, shots }) => {
      Object.assign(log.values, shots[0]!.values);
      log.store.clear();
      for (const [path, bytes] of shots[0]!.store) log.store.set(path, bytes);
    },
    finds: ['not_yet_published', 'truncated'],
  },
  {
    name: 'the same with table and archive',
    attack: ({ log, shots, table }) => {
      Object.assign(log.values, shots[0]!.values);
      log.store.clear();
      for (const [path, bytes] of shots[0]!.store) log.store.set(path, bytes);
      log.archive.delete(SECOND_HOUR);
      for (let number = 330; number < 620; number += 1) table.delete(idOf(number));
    },
    finds: ['truncated'],
  },
  {
    name: 'an earlier cosignature put back',
    attack: async (world) => {
      const before = world.log.values.checkpoint;
      await world.log.publish();
      const { summary } = await world.verify();
      Object.assign(world.seen[1]!, { cosignedAt: summary.cosignedAt });
      world.log.values.checkpoint = before;
    },
    finds: ['replayed'],
  },
  {
    name: 'a publisher held up, so that the newest cosignature is old',
    attack: ({ log }) => (log.now += 4 * HOUR_MS),
    auditor: () => ({ maxAgeMs: 3 * HOUR_MS }),
    finds: ['replayed'],
  },
  {
    name: 'the cosignature removed',
    attack: (world) => {
      resign(world, ({ text, signatures }) => ({ text, signatures: signatures.slice(0, 1) }));
    },
    finds: ['missing'],
  },
  {
    name: 'the log’s signature removed',
    attack: (world) => {
      resign(world, ({ text, signatures }) => ({ text, signatures: signatures.slice(1) }));
    },
    finds: ['forked'],
  },
  {
    name: 'a forged cosignature of a later time',
    attack: (world) => {
      resign(world, ({ text, signatures: [log, own] }) => {
        const signature = Buffer.from(own!.signature);
        signature.writeBigUInt64BE(BigInt(Math.floor(world.log.now / 1000)));
        return { text, signatures: [log!, { ...own!, signature }] };
      });
    },
    finds: ['edited'],
  },
  {
    name: 'a cosignature by another key of the same name',
    attack: (world) => {
      resign(world, ({ text, signatures: [log] }) => ({ text, signatures: [log!, ATTACKER.cosigner.sign(text)] }));
    },
    finds: ['missing'],
  },
  {
    name: 'a witness’s cosignature forged',
    attack: (world) => {
      resign(world, ({ text, signatures }) => {
        const { name, id } = WITNESS.key;
        return { text, signatures: [...signatures, { name, id, signature: ATTACKER.cosigner.sign(text).signature }] };
      });
    },
    auditor: () => ({ policy: policyOf(LOG_KEY, COSIGNER, [WITNESS]) }),
    finds: ['edited'],
  },
  {
    name: 'a witness’s cosignature removed',
    attack: () => undefined,
    auditor: () => ({ policy: policyOf(LOG_KEY, COSIGNER, [WITNESS]) }),
    finds: ['missing'],
  },
  {
    name: 'an older checkpoint put back, which nobody but the witness’s copy tells',
    attack: ({ log, shots }) => Object.assign(log.values, shots[0]!.values),
    auditor: ({ seen }) => ({ seen: [seen[1]!], events: each([]), period: { from: 0, to: 1 } }),
    finds: ['edited', 'replayed'],
  },
  { name: 'the keys removed', attack: ({ others }) => others.delete(KEYS_PATH), finds: ['missing'] },
  {
    name: 'the keys replaced',
    attack: ({ others }) =>
      others.set(KEYS_PATH, formatLogKeys({ log: ATTACKER.log.key, cosigner: ATTACKER.cosigner.key })),
    finds: ['edited'],
  },
  // Another history, or another log.
  {
    name: 'a fork that the log’s own keys signed, table and archive alike',
    attack: async (world) => Object.assign(world.log.values, await rewrite(world, changed(40))),
    finds: ['forked'],
  },
  {
    name: 'two regions’ logs swapped',
    attack: async (world) => {
      const origin = ORIGIN.replace(REGION, 'eu-west-1');
      const [log, cosigner] = [testSigner(origin), testSigner(`${origin}/cosigner`, 'cosignature')];
      Object.assign(world.log.values, await rewrite(world, LINES, { log, cosigner }));
      world.others.set(KEYS_PATH, formatLogKeys({ log: log.key, cosigner: cosigner.key }));
    },
    finds: ['forked'],
  },
  {
    name: 'the log’s key rolled over without a hand-over',
    attack: async (world) => {
      await handOver(world, NEXT);
      world.others.clear();
      world.others.set(KEYS_PATH, formatLogKeys({ log: NEXT.key, cosigner: COSIGNER.key }));
    },
    finds: ['forked'],
  },
  {
    name: 'a hand-over that the old key did not sign',
    attack: (world) => handOver(world, NEXT, ATTACKER.log),
    finds: ['edited', 'forked'],
  },
  {
    name: 'the proof of a hand-over edited',
    attack: async (world) => {
      flip(world.others, await handOver(world, NEXT), 60);
    },
    finds: ['edited', 'forked'],
  },
  {
    name: 'a file that is no proof beside the hand-overs',
    attack: ({ others }) => others.set('hand-over/x', Buffer.from('x')),
    finds: ['edited'],
  },
  {
    name: 'the proof of a hand-over under another name',
    attack: async (world) => {
      const path = await handOver(world, NEXT);
      world.others.set(handOverPath(7), world.others.get(path)!);
      world.others.delete(path);
    },
    finds: ['edited', 'forked'],
  },
];

/** Content that somebody changes who can write everything and sign nothing: so table, archive, tiles and index fit each other. */
const contents: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['an event deleted', LINES.toSpliced(40, 1), ['missing', 'truncated']],
  ['an event edited', changed(40), ['edited', 'missing']],
  ['two events that changed places', swap(LINES, 40, 41), ['edited', 'missing']],
  ['the tail cut', LINES.slice(0, 500), ['missing', 'truncated']],
  ['the head cut', LINES.slice(100), ['missing', 'truncated']],
  [
    'an event inserted',
    LINES.toSpliced(40, 0, auditLine(900)),
    ['edited', 'missing', 'not_yet_published', 'truncated'],
  ],
  ['an event replaced by one of an earlier time', LINES.with(40, auditLine(-300_000)), ['edited', 'missing']],
];
const everything: readonly Attack[] = contents.flatMap(([name, lines, finds]) => [
  {
    name: `${name}, in table, archive, tiles and index alike`,
    attack: (world) => rewrite(world, lines),
    finds,
  },
  {
    name: `${name}, everywhere, under an attacker’s own keys`,
    attack: async (world) => {
      Object.assign(world.log.values, await rewrite(world, lines, ATTACKER));
      world.others.set(KEYS_PATH, formatLogKeys({ log: ATTACKER.log.key, cosigner: ATTACKER.cosigner.key }));
    },
    finds: ['forked'],
  },
]);

function changed(number: number): string[] {
  return LINES.with(number, auditLine(number, { user_id: 'somebody else' }));
}

function anIndex({ store }: Scene['log']): string {
  return [...store.keys()].toSorted().find((path) => path.startsWith('index/'))!;
}

/** Hours later, when the first objects are none that the state names. */
async function closeHours(world: Scene): Promise<void> {
  world.log.now += 6 * HOUR_MS;
  await world.happen([auditLine(700)]);
  await world.log.publish();
}

export const ATTACKS: readonly Attack[] = [...single, ...everything];
