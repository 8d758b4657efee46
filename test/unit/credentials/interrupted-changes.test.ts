import { OutsideCalls, type Interruption } from '../../doubles/stop-the-world';
import type { MemoryAudit, MemoryCredentials } from '../../doubles/memory-ports';
import { createApplication, type Application } from '../../../lambdas/core/runtime/create-application';
import { testRandomness } from '../../doubles/memory-ports';
import { caller } from '../../doubles/world';
import { UndoWorld } from './undo-world';

/**
 * Each change of a credential, stopped before, after, or carried out twice at each of its calls: what is there is either what was, or
 * what was asked for, and the sweep tells which, by closing the intent.
 */

const PLACE = { provider: 'openai', name: 'default' };

const CHANGES: Readonly<Record<string, (application: Application) => Promise<unknown>>> = {
  put: (use) => use.putCredential(caller, { ...PLACE, api_key: 'third-example', metadata: { a: 3 } }),
  patch: (use) => use.patchMetadata(caller, { ...PLACE, patch: { a: null, b: 1 } }),
  delete: (use) => use.deleteCredential(caller, PLACE),
  'delete for good': (use) => use.deleteCredential(caller, { ...PLACE, purge: true }),
  restore: (use) => use.restoreCredential(caller, { ...PLACE, revision: 1 }),
  purge: (use) => use.purgePrevious(caller, PLACE),
};

async function stored(): Promise<UndoWorld> {
  const world = new UndoWorld();
  await world.put('first-example', { a: 1 });
  await world.put('second-example', { a: 2 });
  return world;
}

/** Another process over the same stores, whose calls are numbered. */
const processOver = (world: UndoWorld, calls: OutsideCalls): Application =>
  createApplication({
    region: 'us-east-1',
    providers: ['openai', 'google'],
    keysets: { local: world.home, home: world.home, others: [] },
    keysetsToShow: world.home,
    credentials: {
      local: calls.through<MemoryCredentials>(world.credentials),
      home: calls.through<MemoryCredentials>(world.credentials),
    },
    previousValueDays: 30,
    auditSink: calls.through<MemoryAudit>(world.audit),
    auditReader: world.audit,
    secrets: world.secrets,
    clock: world.clock,
    randomness: testRandomness,
    metrics: world.metrics,
  });

/** The readable state of the credential, by opening it. */
async function shown(world: UndoWorld): Promise<object> {
  world.restart();
  const { application } = world;
  const place = { ...PLACE, consistent: true };
  const read = async <T>(run: Promise<T>) => run.catch((thrown: unknown) => (thrown as { code: string }).code);
  const current = await read(application.revealCredential(caller, place));
  const previous = await read(application.describePrevious(place));
  return {
    current: typeof current === 'string' ? current : [current.revision, current.api_key, current.metadata],
    previous: typeof previous === 'string' ? previous : [previous.revision, previous.metadata],
  };
}

describe.each(Object.entries(CHANGES))('%s', (_kind, change) => {
  test.each(['before', 'after', 'twice'] as Interruption[])('stopped %s each of its calls', async (how) => {
    const whole = await stored();
    const all = new OutsideCalls();
    const before = await shown(whole);
    await change(processOver(whole, all));
    const after = await shown(whole);
    expect(all.count).toBeGreaterThanOrEqual(4);

    for (let at = 0; at < all.count; at += 1) {
      const world = await stored();
      const calls = new OutsideCalls([{ at, how }]);
      const ended = await change(processOver(world, calls)).then(
        () => 'answered',
        () => 'stopped',
      );
      const found = await shown(world);
      if (ended === 'answered') expect({ at, found }).toEqual({ at, found: after });
      expect([before, after]).toContainEqual(found);

      const isOpen = ({ metadata }: { metadata: { phase?: string; write_id?: string } }) => metadata.phase === 'intent';
      const intents = world.audit.events.filter(isOpen).map(({ metadata }) => metadata.write_id);
      world.clock.time += 3_600_000;
      await world.use.sweep();
      const row = world.credentials.rows.get('openai/default')!;
      for (const id of new Set(intents)) {
        const outcomes = world.audit.events.filter(
          ({ metadata }) => metadata.phase === 'outcome' && metadata.write_id === id,
        );
        expect({ at, id, outcomes: outcomes.length }).toEqual({ at, id, outcomes: 1 });
        const isThere = row.write_id === id;
        const covered = outcomes[0]!.metadata.revision! < row.revision!;
        const expected = isThere || covered ? 'written' : 'failed';
        expect({ at, outcome: outcomes[0]!.metadata.outcome }).toEqual({ at, outcome: expected });
      }
      expect(await shown(world)).toEqual(found);
    }
  });
});
