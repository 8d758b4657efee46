import { credentialKey } from '../doubles/stores/credential-store';
import type { StoredCredential } from '../../lambdas/core/credentials/credential';
import type { RotationMessage } from '../../lambdas/core/dek-rotation/ports/rotation-queue';
import { previousOf } from './opened-row';
import { HOME } from './regions';
import type { Scenario, Stage } from './stage';
import { TRY_AGAIN, type Told } from './users';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const OPENAI = 'openai';
/** Whose change is interrupted. */
const NAME = 'a';
const ELSEWHERE = 'eu-west-1';
/** So long before the end of what was replaced first the change begins: longer than it takes, also where somebody else comes before. */
const LEFT_MS = 2_200;
const SHARDS = [0, 1];

/** The end of the previous value of a name; undefined where there is none. */
function endOf({ world }: Stage, name: string): number | undefined {
  const row = world.tables.credentials.get(HOME, credentialKey(OPENAI, name)) as StoredCredential | undefined;
  const previous = row && previousOf(row);
  return previous && Date.parse(previous.replaced_at) + world.options.previousValueDays * DAY_MS;
}

/** The revision of the previous value of a name. */
const before = ({ world }: Stage, name: string): number =>
  world.checks.credentials.now(credentialKey(OPENAI, name))?.previous?.revision ?? 0;

/** Has a worker serve messages for all shards. */
async function serve({ world }: Stage, messages: readonly RotationMessage[]): Promise<void> {
  for (const message of messages) await world.functions.workers[0]!.run((worker) => worker.serve(message));
}

/** What others do between two calls of a change. */
const INTRUDE: Scenario['intrude'] = {
  rekey: async (stage) => {
    const { rotation } = stage.world.tables.keysets.get(HOME, OPENAI)!;
    const id = rotation?.id ?? null;
    await serve(
      stage,
      SHARDS.map((shard) => ({ kind: 'rekey', provider: OPENAI, rotation_id: id, shard })),
    );
  },
  expiry: async (stage) => {
    const { scheduler } = stage.world;
    await scheduler.sleep((endOf(stage, NAME) ?? scheduler.now) - scheduler.now + 1);
    await serve(
      stage,
      SHARDS.map((shard) => ({ kind: 'expire', provider: OPENAI, shard })),
    );
  },
  put: ({ credentials }) => credentials.put(ELSEWHERE, OPENAI, NAME),
  delete: ({ credentials }) => credentials.delete(ELSEWHERE, OPENAI, NAME),
  purge: ({ credentials }) => credentials.purge(ELSEWHERE, OPENAI, NAME),
};

/**
 * Names with a current and a previous value, all under the version before the primary because nobody has moved them yet, a moment
 * before the time of the previous ones ends.
 */
async function prepare(stage: Stage, alter: (stage: Stage) => Promise<unknown>): Promise<void> {
  const { world, credentials, operators } = stage;
  const all = (work: readonly Promise<unknown>[]): Promise<unknown> => world.complete(Promise.all(work), MINUTE_MS);
  const names = [NAME, 'b', 'c'];
  for (let round = 0; round < 2; round += 1) await all(names.map((name) => credentials.put(HOME, OPENAI, name)));
  await all([credentials.delete(HOME, OPENAI, 'c'), alter(stage)]);
  const untilEnd = (ms: number): Promise<void> => world.pass((endOf(stage, NAME) ?? 0) - ms - world.scheduler.now);
  await untilEnd(10 * MINUTE_MS);
  world.rotationQueue.isHeld = true;
  await world.complete(operators.rotate(0, OPENAI, false), MINUTE_MS);
  // The first sweep promotes; by the end nothing is under way any more that could be written under the version before.
  await world.pass(2 * MINUTE_MS);
  await world.complete(
    world.functions.sweep.run((parts) => parts.sweep()),
    MINUTE_MS,
  );
  await untilEnd(LEFT_MS);
}

/** A user who asks once more where nobody told what came of it. */
async function insist({ world }: Stage, ask: () => Promise<Told<unknown>>): Promise<void> {
  const twice = async (): Promise<void> => {
    const told = await ask();
    const isKnown = told.kind === 'answer' || (told.kind === 'refusal' && !TRY_AGAIN.has(told.code));
    if (!isKnown) await ask();
  };
  await world.complete(twice(), MINUTE_MS);
  // Whoever came between ends, too; then the rotation goes on.
  await world.pass(10_000);
  world.rotationQueue.isHeld = false;
  await world.pass(10 * MINUTE_MS);
}

const change = (
  name: string,
  ask: (stage: Stage) => Promise<Told<unknown>>,
  alter: (stage: Stage) => Promise<unknown> = () => Promise.resolve(),
): Scenario => ({
  name,
  isPaired: true,
  providers: [OPENAI],
  previousValueDays: 1,
  prepare: (stage) => prepare(stage, alter),
  act: (stage) => insist(stage, () => ask(stage)),
  intrude: INTRUDE,
  counts: ({ process }) => process === `api ${HOME}`,
});

const deleted = ({ credentials }: Stage): Promise<unknown> => credentials.delete(HOME, OPENAI, NAME);

/** The changes of a credential that has a value before, each interrupted and overtaken at each of its calls. */
export const UNDO_SCENARIOS: readonly Scenario[] = [
  change('replace', ({ credentials }) => credentials.put(HOME, OPENAI, NAME)),
  change('replace what was deleted', ({ credentials }) => credentials.put(HOME, OPENAI, NAME), deleted),
  change('store once more', ({ world, credentials }) => {
    const { value } = world.checks.credentials.now(credentialKey(OPENAI, NAME))?.current ?? {};
    return credentials.put(HOME, OPENAI, NAME, { ...(value !== undefined && { again: value }) });
  }),
  change('delete', ({ credentials }) => credentials.delete(HOME, OPENAI, NAME)),
  change('delete and purge', ({ credentials }) => credentials.delete(HOME, OPENAI, NAME, { purge: true })),
  change('restore', (stage) => stage.credentials.restore(HOME, OPENAI, NAME, before(stage, NAME))),
  change(
    'restore what was deleted',
    (stage) => stage.credentials.restore(HOME, OPENAI, NAME, before(stage, NAME)),
    deleted,
  ),
  change('purge', ({ credentials }) => credentials.purge(HOME, OPENAI, NAME)),
  change('change metadata', ({ credentials }) => credentials.patch(HOME, OPENAI, NAME, { note: 'patched' })),
];
