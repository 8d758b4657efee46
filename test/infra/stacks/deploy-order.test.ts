import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { synthesize } from '../synthesize';
import { HOME, REGIONS, REPLICAS, synthesized, type Synthesized } from '../synthesized';
import { STACKS, upgradeFacts, type StackFacts } from './upgrade-facts';

/**
 * `cdk deploy --all` deploys a stack when those that it depends on are done, others perhaps at the same time (`--concurrency`). What
 * moves rows has to be there before what writes such rows; docs/operations.md, "Upgrade", says why.
 */
const inOneRegion = synthesize({ replica_regions: [] });
const withoutVirginia = synthesize({ home_region: 'eu-central-1', replica_regions: ['eu-west-1', 'ap-south-1'] });

/** Everything that has to be finished before a stack is begun. */
function before({ dependencies }: Synthesized, stack: string): ReadonlySet<string> {
  const done = new Set<string>();
  const visit = (each: string): void => {
    for (const earlier of dependencies.get(each) ?? []) {
      if (done.has(earlier)) continue;
      done.add(earlier);
      visit(earlier);
    }
  };
  visit(stack);
  return done;
}

describe.each([
  { deployment: 'three regions', of: synthesized(), regions: REGIONS },
  { deployment: 'one region', of: inOneRegion, regions: [HOME] },
  {
    deployment: 'three regions without us-east-1',
    of: withoutVirginia,
    regions: ['eu-central-1', 'eu-west-1', 'ap-south-1'],
  },
])('in $deployment', ({ of, regions }) => {
  // S3 takes no replication to a bucket that does not exist.
  const copyOf = (region: string): readonly string[] => (regions.length > 1 ? [`keyward-log-copy-${region}`] : []);

  test.each(regions)('the copy of the log of %s waits for nothing', (region) => {
    for (const stack of copyOf(region)) {
      expect([...before(of, stack)]).toEqual([]);
      expect([stack, importsOf(of, stack), exportsOf(of, stack)]).toEqual([stack, [], []]);
    }
  });

  test.each(regions)('the API of %s waits for the workers, its log, the tables and the keys', (region) => {
    const earlier = before(of, `keyward-api-${region}`);
    expect([...earlier].toSorted()).toEqual(
      [
        'keyward-data',
        'keyward-operations',
        `keyward-log-${region}`,
        ...copyOf(region),
        ...regions.map((each) => `keyward-keys-${each}`),
      ].toSorted(),
    );
  });

  test.each(regions)(
    'the log of %s waits for the table whose stream it reads, and for nothing of its API',
    (region) => {
      const earlier = before(of, `keyward-log-${region}`);
      expect([...earlier].toSorted()).toEqual(
        ['keyward-data', ...copyOf(region), ...regions.map((each) => `keyward-keys-${each}`)].toSorted(),
      );
      expect(importsOf(of, `keyward-log-${region}`).filter((each) => !each.startsWith('keyward-keys-'))).toEqual([]);
    },
  );

  test('an API is waited for by what records its refusals alone', () => {
    for (const stack of of.dependencies.keys()) {
      const apis = [...before(of, stack)].filter((each) => each.startsWith('keyward-api-'));
      const expected = stack.startsWith('keyward-refusals-') ? [stack.replace('refusals', 'api')] : [];
      expect([stack, apis]).toEqual([stack, expected]);
    }
  });

  test.each(regions)('what records refusals in %s refers to nothing of its API but by its name', (region) => {
    const imported = importsOf(of, `keyward-refusals-${region}`);
    expect(imported.filter((each) => !each.startsWith(`keyward-keys-${region}:`))).toEqual([]);
  });

  test('the assembly lists each stack behind those that it waits for', () => {
    const order = [...of.templates.keys()];
    for (const stack of order) {
      const late = [...before(of, stack)].filter((each) => order.indexOf(each) > order.indexOf(stack));
      expect([stack, late]).toEqual([stack, []]);
    }
  });

  test('a first deployment in that order imports nothing that is not exported by then', () => {
    for (const stack of of.templates.keys()) {
      const exported = [...before(of, stack)].flatMap((each) => exportsOf(of, each));
      expect([stack, importsOf(of, stack).filter((each) => !exported.includes(each))]).toEqual([stack, []]);
    }
  });

  test('the workers refer to nothing of an API but by its name', () => {
    const made = new Set(
      [...of.templates.keys()].filter((each) => each.startsWith('keyward-api-')).flatMap((each) => exportsOf(of, each)),
    );
    expect(importsOf(of, 'keyward-operations').filter((each) => made.has(each))).toEqual([]);
  });
});

test('an existing deployment goes through it in that order, whatever is deployed at the same time', () => {
  const BEFORE = JSON.parse(readFileSync(join(__dirname, 'before.json'), 'utf8')) as Record<string, StackFacts>;
  const NOW = upgradeFacts(synthesized().templates);
  // api-home stands for its region; the other replica's API is as the first one's.
  const order = STACKS.toSorted((one, other) => rank(one) - rank(other));
  const deployed = new Map(STACKS.map((stack) => [stack, BEFORE[stack]!] as const));
  for (const stack of order) {
    const others = [...deployed].filter(([each]) => each !== stack);
    const exported = others.flatMap(([, { exports }]) => exports);
    const lost = deployed.get(stack)!.exports.filter((each) => !NOW[stack]!.exports.includes(each));
    expect([stack, NOW[stack]!.imports.filter((each) => !exported.includes(each))]).toEqual([stack, []]);
    // CloudFormation refuses to remove what another stack imports.
    expect([stack, others.filter(([, { imports }]) => imports.some((each) => lost.includes(each)))]).toEqual([
      stack,
      [],
    ]);
    deployed.set(stack, NOW[stack]!);
  }
  expect(order.indexOf('operations')).toBeLessThan(order.indexOf('api-home'));
});

/** The path in the standard deployment's manifest. */
function rank(stack: (typeof STACKS)[number]): number {
  const name = {
    keys: `keyward-keys-${HOME}`,
    data: 'keyward-data',
    operations: 'keyward-operations',
    'api-home': `keyward-api-${HOME}`,
    'api-replica': `keyward-api-${REPLICAS[0]}`,
  }[stack];
  return before(synthesized(), name).size;
}

function exportsOf({ templates }: Synthesized, stack: string): readonly string[] {
  const { Outputs = {} } = templates.get(stack) as { Outputs?: Record<string, { Export?: { Name: string } }> };
  return Object.values(Outputs).flatMap(({ Export }) => Export?.Name ?? []);
}

const importsOf = ({ templates }: Synthesized, stack: string): readonly string[] =>
  Array.from(JSON.stringify(templates.get(stack)).matchAll(/"Fn::ImportValue":"([^"]*)"/g), ([, name = '']) => name);
