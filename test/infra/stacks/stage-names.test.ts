import * as fc from 'fast-check';
import { readDeployment } from '../../../lib/deployment';
import { runs } from '../../effort';
import { PROVIDERS, REGIONS, synthesized } from '../synthesized';

/** Properties that name something in an account and region. */
const NAMES = [
  ...[
    'AliasName',
    'AlarmName',
    'BucketName',
    'DashboardName',
    'FunctionName',
    'LogGroupName',
    'ManagedPolicyName',
    'MetricName',
  ],
  ...['Name', 'QueueName', 'RoleName', 'TableName', 'TopicName'],
];
const STAGE = 'keyward';

/** A name of the standard deployment, split at the stage. */
interface Name {
  readonly type: string;
  readonly before: string;
  readonly after: string;
}

function namesOfStandard(): readonly Name[] {
  const found = new Map<string, Name>();
  const add = (type: string, name: unknown): void => {
    if (typeof name !== 'string') return;
    const at = name.indexOf(STAGE);
    if (at < 0) throw new Error(`${type} ${name} is called the same in every stage`);
    found.set(`${type} ${name}`, { type, before: name.slice(0, at), after: name.slice(at + STAGE.length) });
  };
  for (const [stack, { Resources }] of synthesized().templates) {
    add('stack', stack);
    for (const { Type, Properties } of Object.values(Resources)) {
      // The metric of an alarm is named elsewhere, and its stage is a dimension.
      const own = Type === 'AWS::CloudWatch::Alarm' ? ['AlarmName'] : NAMES;
      for (const property of own) add(Type, Properties[property]);
    }
  }
  return [...found.values()];
}

const names = namesOfStandard();

const isRefused = (configuration: Record<string, unknown>): boolean => {
  try {
    readDeployment(configuration);
    return false;
  } catch {
    return true;
  }
};

/** A name of one stage equals one of another exactly if the part after the stage ends with the other's. */
test('where a name ends like another of its kind, no stage may have what is between', () => {
  expect(names.length).toBeGreaterThan(100);
  const between = new Set<string>();
  for (const one of names) {
    for (const other of names) {
      const longer = one.after.length > other.after.length && one.after.endsWith(other.after);
      if (one.type !== other.type || one.before !== other.before || !longer) continue;
      between.add(one.after.slice(0, one.after.length - other.after.length));
    }
  }
  expect([...between]).toEqual(['-dek']);
  for (const ending of between) expect([ending, isRefused({ stage: `x${ending}` })]).toEqual([ending, true]);
});

const fragments = [...new Set(names.flatMap(({ after }) => after.split(/[-/]/)))].filter((each) =>
  /^[a-z0-9]+$/.test(each),
);
const joined = (parts: readonly string[], max: number) =>
  fc.array(fc.constantFrom(...parts), { minLength: 1, maxLength: max }).map((chosen) => chosen.join('-'));
const provider = joined(['a', 'q', 'operators', 'encrypt', 'reveal', '2', ...REGIONS, ...fragments], 3);

function namesOf(stage: string, providers: readonly string[]): ReadonlySet<string> {
  return new Set(
    names.flatMap(({ type, before, after }) => {
      const own = PROVIDERS.find((each) => type === 'AWS::IAM::ManagedPolicy' && after.includes(`-${each}-`));
      const ends = own === undefined ? [after] : providers.map((each) => after.replace(`-${own}-`, `-${each}-`));
      return ends.map((end) => `${type} ${before}${stage}${end}`);
    }),
  );
}

test('two stages that both may be have no name of one kind in common, whatever they and their providers are called', () => {
  let pairs = 0;
  fc.assert(
    fc.property(
      fc.constantFrom('x', 'test-x', 'dev-a'),
      joined([...REGIONS, ...fragments], 3),
      fc.array(provider, { minLength: 1, maxLength: 3 }),
      fc.array(provider, { minLength: 1, maxLength: 3 }),
      (stage, ending, providers, otherProviders) => {
        const other = `${stage}-${ending}`;
        if (isRefused({ stage: other })) return true;
        const allowed = (list: readonly string[]) => list.filter((each) => !isRefused({ providers: [each] }));
        pairs += 1;
        const one = namesOf(stage, allowed(providers));
        return [...namesOf(other, allowed(otherProviders))].every((each) => !one.has(each));
      },
    ),
    {
      numRuns: runs(5000),
      examples: [
        ['x', 'dek', ['a'], ['a']],
        ['x', 'eu-west-1', ['us-east-1-q'], ['q']],
      ],
    },
  );
  expect(pairs).toBeGreaterThan(runs(5000) / 10);
});
