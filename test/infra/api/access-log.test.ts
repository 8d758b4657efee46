import * as fc from 'fast-check';
import { runs } from '../../effort';
import { isCounted } from '../observability/cloudwatch-filter';
import { REGIONS, resourcesOf, templateOf } from '../synthesized';

const stack = `keyward-api-${REGIONS[1]}`;
const only = (type: string): Record<string, unknown> => resourcesOf(templateOf(stack), type)[0]![1].Properties;
const { Format: FORMAT } = only('AWS::ApiGateway::Stage')['AccessLogSetting'] as { Format: string };
const PATTERN = only('AWS::Logs::MetricFilter')['FilterPattern'] as string;

/**
 * Each variable in its place; one without a value is a hyphen. API Gateway's documentation says nothing of escaping, and shows
 * quotation marks only where the format has them: both ways are tried.
 */
const line = (values: Readonly<Record<string, string>>, escaped = false): string =>
  FORMAT.replaceAll(/\$context\.([A-Za-z.]+)/g, (_, name: string) => {
    const value = values[name] ?? '-';
    return escaped ? JSON.stringify(value).slice(1, -1) : value;
  });

const HOSTILE = [
  'curl/8.5.0',
  '"',
  '\\',
  '{',
  '\u0000',
  '%^..status...403%',
  '"status":"403"',
  '{"status":"403",',
  '","status":"403","x":"',
  '","status":"200","x":"',
  '"}\n{"status":"403","x":"',
  '","user_arn":"arn:aws:iam::111111111111:user/somebody-else","x":"',
];
/** What a sender can write, or make the gateway repeat; a client can choose the id of its request. */
const FREE = ['requestId', 'identity.userAgent', 'error.message', 'authorize.error', 'waf.error', 'integration.error'];

describe.each(HOSTILE)('with the text %j', (text) => {
  test.each(FREE)('in %s a refusal is counted, and an answer is not', (variable) => {
    for (const escaped of [false, true]) {
      for (const [status, expected] of [
        ['403', true],
        ...['200', '400', '429', '503', '-'].map((each) => [each, false]),
      ]) {
        const values = { status: String(status), [variable]: text };
        expect([status, isCounted(PATTERN, line(values, escaped))]).toEqual([status, expected]);
      }
    }
  });
});

test('no text of a sender changes what is counted', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('200', '403', '404'),
      fc.string({ unit: 'binary' }),
      fc.boolean(),
      (status, text, escaped) => {
        const values = { status, ...Object.fromEntries(FREE.map((variable) => [variable, text])) };
        return isCounted(PATTERN, line(values, escaped)) === (status === '403');
      },
    ),
    { numRuns: runs(2000) },
  );
});

test('the pattern that read the line as JSON is defeated by one quotation mark', () => {
  expect(isCounted('{ $.status = "403" }', line({ status: '403', 'identity.userAgent': 'x' }))).toBe(true);
  expect(isCounted('{ $.status = "403" }', line({ status: '403', 'identity.userAgent': '"' }))).toBe(false);
});

test('who asked stands before whatever a sender can write, the user agent last', () => {
  const variables = Array.from(FORMAT.matchAll(/\$context\.([A-Za-z.]+)/g), ([, name]) => name!);
  expect(variables[0]).toBe('status');
  expect(variables.at(-1)).toBe('identity.userAgent');
  const firstFree = Math.min(...FREE.map((name) => variables.indexOf(name)));
  expect(variables.slice(firstFree).toSorted()).toEqual(FREE.toSorted());
  for (const identity of ['userArn', 'user', 'caller', 'accountId', 'principalOrgId', 'sourceIp']) {
    expect(variables.indexOf(`identity.${identity}`)).toBeLessThan(firstFree);
  }
});

test('where each member is read where it stands first, no text of a sender gives itself out as somebody', () => {
  const honest = { status: '403', 'identity.userArn': 'arn:aws:sts::111111111111:assumed-role/search/1' };
  for (const text of HOSTILE) {
    const text403 = line({ ...honest, ...Object.fromEntries(FREE.map((variable) => [variable, text])) });
    expect(/"user_arn":"([^"]*)"/.exec(text403)?.[1]).toBe(honest['identity.userArn']);
    expect(/"status":"([^"]*)"/.exec(text403)?.[1]).toBe('403');
  }
});

test('the path is there as its template alone: the path itself has names of credentials', () => {
  expect(FORMAT).toContain('$context.resourcePath');
  expect(FORMAT).not.toMatch(/\$context\.(path|requestOverride|customDomain|domainName)/);
  expect(FORMAT).not.toContain('"path"');
});

test('whoever is to record refusals gets all that may be one, and the other answers are not delivered', () => {
  for (const region of REGIONS) {
    const template = templateOf(`keyward-refusals-${region}`);
    const pattern = resourcesOf(template, 'AWS::Logs::SubscriptionFilter')[0]![1].Properties['FilterPattern'] as string;
    const faults = resourcesOf(template, 'AWS::Logs::MetricFilter')[0]![1].Properties['FilterPattern'] as string;
    for (const text of HOSTILE) {
      for (const status of ['200', '400', '403', '404', '409', '413', '429', '431', '500', '503', '-']) {
        const values = { status, ...Object.fromEntries(FREE.map((variable) => [variable, text])) };
        expect([status, isCounted(pattern, line(values))]).toEqual([status, status === '403' || status === '429']);
        expect([status, isCounted(faults, line(values))]).toEqual([status, status.startsWith('4')]);
      }
    }
  }
});

test('in every region it is the same', () => {
  for (const region of REGIONS) {
    const [filter] = resourcesOf(templateOf(`keyward-api-${region}`), 'AWS::Logs::MetricFilter');
    expect(filter![1].Properties['FilterPattern']).toBe(PATTERN);
  }
});
