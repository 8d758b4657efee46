import { checkStored, storedBody } from '../../../cli/commands/put-credential';
import type { CliError } from '../../../cli/io/cli-error';

const KEY = 'sk-example-not-a-real-key';

function refusalOf(act: () => unknown): Pick<CliError, 'exitCode' | 'code' | 'detail'> {
  try {
    act();
  } catch (thrown) {
    return thrown as CliError;
  }
  throw new Error('was accepted');
}

test.each([
  [{}, {}],
  [{ format: 'text' }, { format: 'text' }],
  [{ metadata: ['team=search', 'a=b=c'] }, { metadata: { team: 'search', a: 'b=c' } }],
  [{ 'no-metadata': true }, { metadata: {} }],
])('of %j the body is %j', (options, body) => {
  expect(storedBody(options)).toEqual(body);
});

test('metadata and none of it contradict each other', () => {
  const error = refusalOf(() => storedBody({ 'no-metadata': true, metadata: ['a=b'] }));
  expect(error).toMatchObject({ exitCode: 2, detail: expect.stringContaining('only one of') });
});

test.each([
  [`${KEY}\n`, undefined, 'ends with a line end; nothing was sent; if this is right, give --format text'],
  [`NAME=${KEY}`, undefined, 'is an assignment (NAME=...), not the value alone; nothing was sent; if'],
  ['****', undefined, 'give --format key'],
  ['two words', 'key', 'has a blank inside'],
  [KEY, 'document', 'is neither a JSON object nor text with PEM blocks'],
  ['x'.repeat(32_769), 'text', 'has more than 32768 bytes; nothing was sent'],
])('%#: what the API would refuse is not sent', (key, format, part) => {
  const error = refusalOf(() => {
    checkStored(key, format === undefined ? {} : { format });
  });
  expect(error).toMatchObject({ exitCode: 2, code: 'usage', detail: expect.stringContaining(part) });
  expect(error.detail).not.toContain(KEY);
});

test.each([
  [KEY, undefined],
  ['{"type":"service_account"}\n', undefined],
  ['****', 'key'],
  ['two words', 'text'],
])('%#: what the API takes is sent', (key, format) => {
  expect(() => {
    checkStored(key, format === undefined ? {} : { format });
  }).not.toThrow();
});
