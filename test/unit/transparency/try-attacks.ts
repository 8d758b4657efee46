import { EFFORT } from '../../effort';
import { attackedLog, type Ground } from './attacked-log';
import { ATTACKS, type Attack } from './attacks';
import { kindsOf } from './audit-world';

/** Where attacks are tried, with the kinds of findings that are expected there. */
const EXPECTED = {
  memory: ({ finds }: Attack) => finds,
  directory: ({ finds, findsLocally = finds }: Attack) => findsLocally,
  aws: ({ finds, findsOnAws = finds }: Attack) => findsOnAws,
};

/** On a disk and behind servers one takes a second: all of them are tried by `npm run test:long`. */
const STEP = EFFORT < 1 ? 9 : 1;

/** Declares a test for each attack on a ground, and one that all of them were found and named. */
export function tryAttacks(on: keyof typeof EXPECTED, ground: () => Ground): void {
  const attacks = on === 'memory' ? ATTACKS : ATTACKS.filter((_, at) => at % STEP === 0);
  let begin: ReturnType<typeof attackedLog>;
  let found = 0;
  beforeAll(() => {
    begin = attackedLog(ground());
  });

  test.each(attacks)('$name', async (one) => {
    const world = await begin();
    await one.attack(world);
    const verified = await world.verify({ seen: [world.seen[1]!], ...one.auditor?.(world) });
    expect(kindsOf(verified)).toEqual(EXPECTED[on](one));
    found += 1;
  });

  test('all of them were found', () => {
    expect(found).toBe(attacks.length);
  });
}
