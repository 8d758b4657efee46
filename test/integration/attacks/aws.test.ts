import { EFFORT } from '../../effort';
import { emptyStored, verifyOn } from '../../unit/transparency/attacked-log';
import { auditLine } from '../../unit/transparency/audit-world';
import { HOUR_MS, START } from '../../unit/transparency/publisher-world';
import { tryAttacks } from '../../unit/transparency/try-attacks';
import { awsGround, WITNESS, type AwsGround } from './aws-ground';

/** The same attacks on buckets and table of AWS's composition, found by what `keyward audit verify` reads. */

let ground: AwsGround;
beforeAll(async () => {
  ground = await awsGround();
});
afterAll(() => ground.close());

tryAttacks('aws', () => ground);

describe('a clean log has no finding', () => {
  const DAY_MS = 24 * HOUR_MS;
  /** At full effort every write, else every fourth. */
  const STEP = EFFORT < 1 ? 4 : 1;
  let next = 0;
  let now = START;
  const fresh = (count: number): string[] => Array.from({ length: count }, () => auditLine((next += 1)));
  const expectClean = async (): Promise<void> => {
    expect((await verifyOn(ground, now)).findings).toEqual([]);
  };

  beforeAll(async () => {
    await ground.put(emptyStored(), new Map());
  });
  afterEach(() => {
    ground.s3.fault = () => undefined;
  });

  test.each(['unsent', 'lost'] as const)(
    'wherever archiver and publisher stopped, a write being %s, and batches were cut otherwise',
    async (fault) => {
      for (let at = 0, isReached = true; isReached; at += STEP) {
        const lines = fresh(3);
        await ground.insert(lines);
        let writes = 0;
        ground.s3.fault = ({ operation, bucket }) =>
          operation === 'PutObject' && bucket !== WITNESS && writes++ === at ? fault : undefined;
        await ground.archive(lines, now);
        await ground.publish(now).catch(() => undefined);
        isReached = writes > at;
        ground.s3.fault = () => undefined;
        for (const batch of [lines.slice(0, 1), lines.slice(1)]) expect(await ground.archive(batch, now)).toBe(true);
        await ground.publish(now);
        await expectClean();
        now += 60_000;
      }
    },
  );

  test('with two publishers at once, a stream 20 hours late, and all of it replayed a day later from a restored table', async () => {
    const late = fresh(3);
    await ground.insert(late);
    now += 20 * HOUR_MS;
    expect(await ground.archive(late, now)).toBe(true);
    await Promise.all([ground.publish(now), ground.publish(now)]);
    await expectClean();
    now += DAY_MS;
    const all = Array.from({ length: next }, (_, at) => auditLine(at + 1));
    for (const batch of [all.slice(0, 5), all.slice(3)]) expect(await ground.archive(batch, now)).toBe(true);
    await Promise.all([ground.publish(now), ground.publish(now)]);
    await expectClean();
    expect([...ground.witness().keys()].length).toBeGreaterThan(1);
  });
});
