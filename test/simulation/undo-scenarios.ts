import { credentialKey } from '../doubles/stores/credential-store';
import type { StoredCredential } from '../../lambdas/core/credentials/credential';
import type { DekRotationMessage } from '../../lambdas/core/dek-rotation/ports/dek-rotation-queue';
import { previousOf } from './opened-row';
import { HOME } from './regions';
import type { Scenario, Stage } from './stage';
import type { WorkResult } from './simulated-process';
import { TRY_AGAIN, type CallOutcome } from './users';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const OPENAI = 'openai';
/** The user whose change is interrupted. */
const NAME = 'a';
const ELSEWHERE = 'eu-west-1';
/**
 * How long before the end of the first previous value the change begins: longer than the change takes, also with an intrusion.
 */
const LEFT_MS = 2_200;
const SHARDS = [0, 1];

/** When the previous value of a name ends; undefined without one. */
function endOf({ world }: Stage, name: string): number | undefined {
  const row = world.tables.credentials.get(HOME, credentialKey(OPENAI, name)) as StoredCredential | undefined;
  const previous = row && previousOf(row);
  return previous && Date.parse(previous.replaced_at) + world.options.previousValueDays * DAY_MS;
}

/** The revision of the previous value of a name. */
const before = ({ world }: Stage, name: string): number =>
  world.checkers.credentials.now(credentialKey(OPENAI, name))?.previous?.revision ?? 0;

/** All shards: values are moved to the primary and verified, and expired ones erased. */
function messagesOf({ world }: Stage, kind: 'rekey' | 'expire'): readonly DekRotationMessage[] {
  const id = world.tables.keysets.get(HOME, OPENAI)?.rotation?.id ?? null;
  return SHARDS.map((shard) =>
    kind === 'expire' ? { kind, provider: OPENAI, shard } : { kind, provider: OPENAI, shard, rotation_id: id },
  );
}

/** Runs a worker on messages, one after the other. */
async function serve(
  { world }: Stage,
  worker: number,
  messages: readonly DekRotationMessage[],
): Promise<WorkResult<void>> {
  for (const message of messages) {
    const result = await world.functions.workers[worker]!.run((parts) => parts.serve(message));
    if (result.kind !== 'answered') return result;
  }
  return { kind: 'answered', value: undefined };
}

/** Intrusions between two calls of a change. */
const INTRUDE: Required<Scenario>['intrude'] = {
  rekey: (stage) => serve(stage, 1, messagesOf(stage, 'rekey')),
  expiry: async (stage) => {
    const { scheduler } = stage.world;
    await scheduler.sleep((endOf(stage, NAME) ?? scheduler.now) - scheduler.now + 1);
    return serve(stage, 1, messagesOf(stage, 'expire'));
  },
  put: ({ credentials }) => credentials.put(ELSEWHERE, OPENAI, NAME),
  delete: ({ credentials }) => credentials.delete(ELSEWHERE, OPENAI, NAME),
  purge: ({ credentials }) => credentials.purge(ELSEWHERE, OPENAI, NAME),
};

/**
 * Names with a current and a previous value, all under the version before the primary because they have not been moved yet, a
 * moment before the previous values expire.
 */
async function prepare(stage: Stage, { alter, leftMs }: Preparation): Promise<void> {
  const { world, credentials, operators } = stage;
  const all = (work: readonly Promise<unknown>[]): Promise<unknown> => world.complete(Promise.all(work), MINUTE_MS);
  const names = [NAME, 'b', 'c'];
  for (let round = 0; round < 2; round += 1) await all(names.map((name) => credentials.put(HOME, OPENAI, name)));
  await all([credentials.delete(HOME, OPENAI, 'c'), ...(alter === undefined ? [] : [alter(stage)])]);
  const untilEnd = (ms: number): Promise<void> => world.pass((endOf(stage, NAME) ?? 0) - ms - world.scheduler.now);
  await untilEnd(10 * MINUTE_MS);
  world.dekRotationQueue.isHeld = true;
  await world.complete(operators.rotate(0, OPENAI, false), MINUTE_MS);
  // The first sweep promotes; by the end no running request can write under the version before.
  await world.pass(2 * MINUTE_MS);
  await world.complete(
    world.functions.sweep.run((parts) => parts.sweep()),
    MINUTE_MS,
  );
  await untilEnd(leftMs ?? LEFT_MS);
}

/** Asks again if the result is unknown. */
async function insist({ world }: Stage, ask: () => Promise<boolean>): Promise<void> {
  const twice = async (): Promise<void> => {
    if (!(await ask())) await ask();
  };
  await world.complete(twice(), MINUTE_MS);
}

/** The intrusion ends, too; then the rotation continues. */
async function goOn({ world }: Stage): Promise<void> {
  await world.pass(10_000);
  world.dekRotationQueue.isHeld = false;
  await world.pass(10 * MINUTE_MS);
}

const isKnown = (outcome: CallOutcome<unknown>): boolean =>
  outcome.kind === 'answer' || (outcome.kind === 'refusal' && !TRY_AGAIN.has(outcome.code));

/** The act on the name before the change, and how long before its previous value ends the change begins. */
interface Preparation {
  readonly alter?: (stage: Stage) => Promise<unknown>;
  readonly leftMs?: number;
}

const scenario = (
  name: string,
  by: string,
  ask: (stage: Stage) => Promise<boolean>,
  preparation: Preparation = {},
): Scenario => ({
  name,
  isPaired: true,
  providers: [OPENAI],
  previousValueDays: 1,
  prepare: (stage) => prepare(stage, preparation),
  workload: (stage) => insist(stage, () => ask(stage)),
  after: goOn,
  intrude: INTRUDE,
  counts: ({ process }) => process === by,
});

const change = (
  name: string,
  ask: (stage: Stage) => Promise<CallOutcome<unknown>>,
  preparation?: Preparation,
): Scenario => scenario(name, `api ${HOME}`, async (stage) => isKnown(await ask(stage)), preparation);

/** Keyward's own work on the values of all rows. */
const work = (name: string, kind: 'rekey' | 'expire', preparation?: Preparation): Scenario =>
  scenario(
    name,
    'worker 1',
    async (stage) => (await serve(stage, 0, messagesOf(stage, kind))).kind === 'answered',
    preparation,
  );

const deleted: Preparation = { alter: ({ credentials }) => credentials.delete(HOME, OPENAI, NAME) };
const isOver: Preparation = { leftMs: -1 };

/** The changes of a credential with a previous value, each interrupted and overtaken at each of its calls. */
export const UNDO_SCENARIOS: readonly Scenario[] = [
  change('replace', ({ credentials }) => credentials.put(HOME, OPENAI, NAME)),
  change('replace what was deleted', ({ credentials }) => credentials.put(HOME, OPENAI, NAME), deleted),
  change('store once more', ({ world, credentials }) => {
    const { value } = world.checkers.credentials.now(credentialKey(OPENAI, NAME))?.current ?? {};
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
  // So many calls that all pairs of them would take longer than everything else.
  { ...work('move both values', 'rekey'), isPaired: false },
  work('erase what is over', 'expire', isOver),
  work('erase what is over of what was deleted', 'expire', { ...deleted, ...isOver }),
];
