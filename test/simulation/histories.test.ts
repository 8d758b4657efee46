import { EFFORT, runs } from '../effort';
import { runHistory } from './history';
import { printLine } from './print-line';
import { shownViolations } from './shown-violations';

const HISTORIES = runs(100);
const FIRST_SEED = 1;

/** Each of these has to happen in some history; otherwise the histories show nothing about it. */
const CHANGES = [
  'abort_rotation',
  'change_rotation_policy',
  'complete_rotation',
  'delete_credential',
  'destroy_version',
  'expire_previous_values',
  'make_emergency',
  'patch_metadata',
  'promote_version',
  'publish_version',
  'publish_version_emergency',
  'purge_previous_value',
  'put_credential',
  'rekey_credentials',
  'restore_credential',
  'retire_version',
  'rewrap_keyset',
  'rotate_kek',
  'schedule_destruction',
  'start_grace',
];

describe('seeded histories', () => {
  it('keep every invariant while users, rotations, sweeps, faults, partitions and clock jumps meet', async () => {
    let steps = 0;
    const made = new Set<string>();
    for (let seed = FIRST_SEED; seed < FIRST_SEED + HISTORIES; seed += 1) {
      const history = await runHistory(seed);
      steps += history.steps;
      for (const change of history.made.keys()) made.add(change);
      if (history.violations.length > 0) {
        throw new Error(
          `npm run simulate -- --histories 1 --seed ${seed}\n${shownViolations(history.violations, history.trace())}`,
        );
      }
    }
    // A few histories do not contain every kind.
    if (EFFORT >= 1) expect([...made]).toEqual(expect.arrayContaining(CHANGES));
    printLine(`simulation: ${HISTORIES} of ${HISTORIES} histories, ${steps} steps`);
  });

  it('replay exactly from their seed', async () => {
    const [first, again, other] = [await runHistory(11), await runHistory(11), await runHistory(12)];
    expect(again.digest()).toBe(first.digest());
    expect(again.steps).toBe(first.steps);
    expect(other.digest()).not.toBe(first.digest());
  });
});
