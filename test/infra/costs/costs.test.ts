import { costLines } from './cost-model';
import { batchCostLines, EVENTS } from './batch-costs';
import { BATCH_TABLE, batchCostTable, costTable, TABLE } from './cost-table';
import { deployedQuantities } from './deployed-quantities';
import { itemBytes } from './item-bytes';
import { measureSizes } from './measured-sizes';
import { HANDBOOK } from '../handbook';
import { synthesize } from '../synthesize';
import { resourcesOf, synthesized } from '../synthesized';

test.each([
  ['of a month', TABLE, costTable],
  ['of batches', BATCH_TABLE, batchCostTable],
])('the table %s is what the templates and the measured sizes come to', async (_name, place, tableOf) => {
  const table = await tableOf(synthesized().templates);
  const found = place
    .exec(HANDBOOK)?.[0]
    .split('\n')
    .filter((line) => line.startsWith('|'));
  // Otherwise: npx tsx test/infra/costs/write-costs.ts, and look at what it changed.
  expect(found).toEqual(table.split('\n'));
});

/** What the table of a month says of one more million, but for what does not grow by the decrypt. */
test('decrypts one by one cost in both tables the same', async () => {
  const [deployed, sizes] = [deployedQuantities(synthesized().templates), await measureSizes(400)];
  const monthly = costLines(deployed, sizes).reduce((sum, { dollars }) => sum + dollars(2) - dollars(1), 0);
  const single = batchCostLines(deployed, sizes).reduce((sum, { dollars }) => sum + dollars(1), 0);
  // Requests for keys and reads of the KEK, logs that are kept, and what the transparency log keeps.
  expect(monthly - single).toBeGreaterThan(0);
  expect((monthly - single) / monthly).toBeLessThan(0.06);
});

test('of what a decrypt costs, a batch of 100 leaves the events', async () => {
  const [deployed, sizes] = [deployedQuantities(synthesized().templates), await measureSizes(400)];
  const lines = batchCostLines(deployed, sizes);
  const events = (what: string): boolean => what.startsWith(EVENTS);
  const sum = (size: number, of: (what: string) => boolean): number =>
    lines.filter(({ what }) => of(what)).reduce((total, { dollars }) => total + dollars(size), 0);
  expect(sum(100, events)).toBe(sum(1, events));
  expect(sum(100, (what) => !events(what))).toBeLessThan(0.03 * sum(1, (what) => !events(what)));
});

/** Found by hand, apart from this model and without a transparency log, for 1, 100 and 1,000 million requests a month. */
test.each([
  [1, 121],
  [100, 2390],
  [1000, 22_500],
])('%i million requests a month come to about %i dollars', async (millions, byHand) => {
  const lines = costLines(deployedQuantities(synthesized().templates), await measureSizes(400));
  const total = lines
    .filter(({ what }) => !/transparency log|of the log/i.test(what))
    .reduce((sum, { dollars }) => sum + dollars(millions), 0);
  expect([millions, Math.abs(total - byHand) / byHand < 0.15]).toEqual([millions, true]);
});

test('an alarm counts by the metrics in it: a sum over nine functions is nine', () => {
  const alarm = (Properties: Record<string, unknown>) => ({ Type: 'AWS::CloudWatch::Alarm', Properties });
  const api = synthesized().templates.get('keyward-api-us-east-1')!;
  const named = resourcesOf(api, 'AWS::CloudWatch::Alarm').map(([, { Properties }]) => Properties);
  const countOf = (name: string): number => {
    const { Resources } = api;
    const others = Object.entries(Resources).filter(([, { Type }]) => Type !== 'AWS::CloudWatch::Alarm');
    const only = named.filter((each) => each['AlarmName'] === `keyward-${name}`);
    const template = { Resources: { ...Object.fromEntries(others), only: alarm(only[0]!) } };
    const data = synthesized().templates.get('keyward-data')!;
    return deployedQuantities(new Map(Object.entries({ data, 'keyward-api-us-east-1': template }))).alarmMetrics;
  };
  expect(['function-errors', 'function-throttles', 'api-p99', 'kek-age'].map(countOf)).toEqual([9, 9, 1, 1]);
});

test('one region costs less than three: no copies, and nothing is deleted anywhere else', async () => {
  const { templates } = synthesize({ replica_regions: [] });
  const deployed = deployedQuantities(templates);
  expect(deployed).toMatchObject({
    regions: 1,
    keys: 4,
    signingKeys: 2,
    archiverGb: 0.5,
    secrets: 1,
    webAcls: 1,
    webAclRules: 1,
    dashboards: 1,
    memoryGb: 1,
  });
  const sizes = await measureSizes(400);
  const [one, three] = [deployed, deployedQuantities(synthesized().templates)].map((each) =>
    costLines(each, sizes).reduce((sum, { dollars }) => sum + dollars(100), 0),
  );
  expect(one!).toBeLessThan(three! * 0.6);
  const expiring = costLines(deployed, sizes).find(({ what }) => what.includes('expire'));
  expect(expiring?.dollars(100)).toBe(0);
});

test('calls of the API get cheaper by the tier', async () => {
  const [calls] = costLines(deployedQuantities(synthesized().templates), await measureSizes(400));
  expect([1, 333, 334, 1000, 1001].map((n) => calls!.dollars(n).toFixed(2))).toEqual([
    '3.50',
    '1165.50',
    '1168.30',
    '3033.10',
    '3035.48',
  ]);
});

test('an item is counted as DynamoDB counts it', () => {
  expect(itemBytes({ a: { S: 'é' } })).toBe(1 + 2);
  expect(itemBytes({ key_version: { N: '7' } })).toBe(11 + 2);
  expect(itemBytes({ n: { N: '1764187293' } })).toBe(1 + 6);
  expect(itemBytes({ b: { BOOL: true } })).toBe(1 + 1);
  expect(itemBytes({ m: { M: {} } })).toBe(1 + 3);
  expect(itemBytes({ m: { M: { x: { S: 'yz' } } } })).toBe(1 + 3 + 1 + 3);
  expect(() => itemBytes({ l: { L: [] } })).toThrow('of a type that no event has');
});

test('an audited decrypt is one write unit, and leaves six lines', async () => {
  const { auditItem, logLines } = await measureSizes(400);
  expect(auditItem).toBeGreaterThan(400);
  expect(auditItem).toBeLessThan(1024);
  expect(logLines).toHaveLength(6);
  for (const each of logLines) expect(each).toBeGreaterThan(40);
});

test('without a transparency log nothing of it is paid', async () => {
  const { templates } = synthesize({ replica_regions: [], transparency_log: { enabled: false } });
  const deployed = deployedQuantities(templates);
  expect(deployed).toMatchObject({ keys: 4, signingKeys: 0, archiverGb: 0, publisherGb: 0 });
  const lines = costLines(deployed, await measureSizes(400));
  expect(lines.filter(({ what }) => what.startsWith('Transparency log'))).toEqual([]);
});
