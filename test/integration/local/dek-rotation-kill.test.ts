import { allAuditEvents, changesOf } from '../audit-pages';
import { inParallel } from '../in-parallel';
import { EFFORT, inRounds } from '../../effort';
import { patiently, until } from '../../until';
import { openLocalWorld } from './local-composition';
import { LocalProcess, temporaryHome } from './local-process';

/** Enough to stop a process between the first page and the last. */
const CREDENTIALS = EFFORT > 1 ? 300 : 120;
const ATTEMPTS = 5;
const openai = '/v1/providers/openai';
const keyOf = (index: number): string => `sk-example-not-a-real-key-${index}`;
const nameOf = (index: number): string => `service-${index}`;

/** The rotation in a reply. */
const movedOf = ({ body }: { readonly body: Record<string, unknown> }): number =>
  Number((body['counts'] as Record<string, unknown> | undefined)?.['moved'] ?? 0);
const dealtWith = ({ counts }: { readonly counts: { readonly moved: number; readonly skipped: number } }): number =>
  counts.moved + counts.skipped;

interface Interrupted {
  readonly id: string;
  /** The number of moved credentials. */
  readonly moved: number;
  /** Pages with an intent and no outcome. */
  readonly open: number;
}

const running: LocalProcess[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.stop('SIGKILL')));
});
const start = async (home: string): Promise<LocalProcess> => {
  const started = await LocalProcess.start(home);
  running.push(started);
  return started;
};

/** Starts an emergency over the API and ends the process as soon as a credential is reported as moved. */
async function stopInTheMiddle(home: string, signal: NodeJS.Signals): Promise<Interrupted> {
  const server = await start(home);
  const started = await patiently(() =>
    server.call('POST', `${openai}/rotate`, { emergency: true, reason: 'a drill' }),
  );
  expect(started).toMatchObject({ status: 202, body: { emergency: true, promoted_at: expect.any(String) as string } });
  const id = String(started.body['rotation_id']);
  await until(
    'a credential has been moved',
    () => server.call('GET', `${openai}/rotations/${id}`),
    (reply) => movedOf(reply) > 0,
  );
  expect(await server.stop(signal)).toBe(signal === 'SIGKILL' ? signal : 0);
  // Without its worker: only what the process has left.
  const left = await openLocalWorld(home);
  const { counts } = await left.composition.runtime.application.describeRotation({
    provider: 'openai',
    rotation_id: id,
  });
  const { open } = changesOf(await allAuditEvents(left.call, 'provider=openai'), 'rekey_credentials');
  await left.close();
  return { id, moved: counts.moved, open };
}

const WAYS = [
  ['killed', 'SIGKILL'],
  ['stopped', 'SIGTERM'],
] as const;

test.each(inRounds(WAYS))(
  '%i: %s in the middle, a rotation goes on at the next start, and nothing is lost',
  async (...row) => {
    const [, , signal] = row;
    const { home, remove } = temporaryHome();
    try {
      const first = await start(home);
      const sealed = await inParallel(20, async (index) => {
        const reply = await patiently(() => first.call('POST', `${openai}/encrypt`, { plaintext: keyOf(index) }));
        return String(reply.body['ciphertext']);
      });
      const stored = await inParallel(CREDENTIALS, async (index) => {
        const path = `${openai}/credentials/${nameOf(index)}`;
        return (await patiently(() => first.call('PUT', path, { api_key: keyOf(index) }))).body['revision'];
      });
      expect(await first.stop()).toBe(0);

      let interrupted: Interrupted = { id: '', moved: CREDENTIALS, open: 0 };
      for (let attempt = 0; interrupted.moved >= CREDENTIALS && attempt < ATTEMPTS; attempt += 1) {
        interrupted = await stopInTheMiddle(home, signal);
      }
      expect(interrupted.moved).toBeGreaterThan(0);
      expect(interrupted.moved).toBeLessThan(CREDENTIALS);
      if (signal === 'SIGTERM') expect(interrupted.open).toBe(0);

      const second = await start(home);
      const rotation = `${openai}/rotations/${interrupted.id}`;
      const moved = await until(
        'all credentials are dealt with',
        async () =>
          (await patiently(() => second.call('GET', rotation))).body as never as Parameters<typeof dealtWith>[0],
        (view) => dealtWith(view) === CREDENTIALS,
      );
      expect(moved).toMatchObject({ status: 'rekeying', counts: { total: CREDENTIALS, failed: 0 } });
      expect(dealtWith(moved)).toBe(CREDENTIALS);
      for (const [index, ciphertext] of sealed.entries()) {
        const refused = await patiently(() => second.call('POST', `${openai}/decrypt`, { ciphertext }));
        expect(refused).toMatchObject({ status: 409, body: { code: 'key_version_retired' } });
        const { body } = await patiently(() => second.call('POST', `${openai}/rewrap`, { ciphertext }));
        const token = { ciphertext: body['ciphertext'] };
        const opened = await patiently(() => second.call('POST', `${openai}/decrypt`, token));
        expect(opened).toMatchObject({ status: 200, body: { plaintext: keyOf(index) } });
      }
      expect(await second.stop('SIGTERM')).toBe(0);

      const world = await openLocalWorld(home);
      try {
        await world.composition.startWork();
        // By then nothing can be written under the old version any more, and open intents are old enough.
        world.clock.forward({ seconds: 3600 });
        const ended = await until(
          'the rotation is completed',
          () => world.call('GET', rotation),
          ({ body }) => body['status'] === 'completed',
        );
        const { version } = ended.body;
        expect(ended.body).toMatchObject({ status: 'completed', counts: { shards_verified: 16, failed: 0 } });
        await inParallel(CREDENTIALS, async (index) => {
          const path = `${openai}/credentials/${nameOf(index)}/reveal?consistent=true`;
          const reply = await patiently(() => world.call('POST', path));
          expect(reply).toMatchObject({
            status: 200,
            body: { api_key: keyOf(index), key_version: version, revision: stored[index] },
          });
        });
        expect(await world.composition.runtime.application.sweep()).toEqual([]);
        const events = await allAuditEvents(world.call, 'provider=openai');
        for (const operation of ['publish_version_emergency', 'promote_version', 'rekey_credentials']) {
          expect([operation, changesOf(events, operation).open]).toEqual([operation, 0]);
        }
        expect(changesOf(events, 'complete_rotation')).toMatchObject({ open: 0, outcomes: ['written'] });
      } finally {
        await world.close();
      }
    } finally {
      remove();
    }
  },
);
