import { attackedLog, type Ground } from './attacked-log';
import { ATTACKS } from './attacks';
import { kindsOf } from './audit-world';

/** Declares a test for each attack on a ground, and one that all of them were found and named. */
export function tryAttacks(ground: () => Ground, { isLocal = false } = {}): void {
  let begin: ReturnType<typeof attackedLog>;
  let found = 0;
  beforeAll(() => {
    begin = attackedLog(ground());
  });

  test.each(ATTACKS)('$name', async ({ attack, finds, findsLocally = finds, auditor = () => ({}) }) => {
    const world = await begin();
    await attack(world);
    const verified = await world.verify({ seen: [world.seen[1]!], ...auditor(world) });
    expect(kindsOf(verified)).toEqual(isLocal ? findsLocally : finds);
    found += 1;
  });

  test('all of them were found', () => {
    expect(found).toBe(ATTACKS.length);
  });
}
