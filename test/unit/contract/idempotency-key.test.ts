import { rotate } from '../../../cli/commands/rotate';
import { openApiDocument } from '../../../lambdas/core/runtime/operations';
import { CliStage, dekRotationReply } from '../../doubles/cli-stage';
import { bodyOf, testApi } from '../http/test-api';

/** The command and the functions accept and refuse the same keys: each key is tried on both sides. */

const TAKEN = [
  'a',
  '-',
  '~',
  '0',
  'x'.repeat(128),
  'a key of ~ours',
  'a  b',
  `"quoted"`,
  '{"a":1}',
  '019a2f6b-1c40',
  '%20',
  '\\',
];
const REFUSED = [
  '',
  ' ',
  ' padded',
  'padded ',
  '\tpadded',
  'x'.repeat(129),
  'a\nb',
  'a\r\n',
  'a\tb',
  'a\0',
  '\u007f',
  'ä',
  '\u00a0',
  '\u{1f511}',
];
const RULE = 'must be 1 to 128 printable ASCII characters, without blanks around them';

const sent = async (key: string): Promise<string | undefined> => {
  const stage = new CliStage([dekRotationReply()]);
  await rotate(stage.session, ['openai'], { 'no-wait': true, 'idempotency-key': key });
  return stage.calls[0]?.headers?.['idempotency-key'];
};

const taken = async (key: string): Promise<unknown> => {
  const asked: unknown[] = [];
  const { call } = testApi({
    rotate: async (_, command) => {
      asked.push(command.idempotency_key);
      return { kind: 'started', rotation_id: 'a' };
    },
  });
  const headers = { 'Idempotency-Key': key };
  const reply = await call('rotations', { method: 'POST', path: '/v1/providers/openai/rotate', headers });
  return reply.statusCode === 202 ? asked[0] : bodyOf(reply)['detail'];
};

test.each(TAKEN)('%j goes the whole way as it is', async (key) => {
  expect(await sent(key)).toBe(key);
  expect(await taken(key)).toBe(key);
});

test.each(REFUSED)('%j is refused before it is sent, and where it arrives', async (key) => {
  await expect(sent(key)).rejects.toMatchObject({ exitCode: 2, detail: `--idempotency-key: ${RULE}` });
  expect(await taken(key)).toBe(`Idempotency-Key: ${RULE}`);
});

test('the document has the same pattern', () => {
  const [, pattern = ''] =
    /"name":"Idempotency-Key".*?"pattern":("(?:[^"\\\\]|\\\\.)*")/.exec(JSON.stringify(openApiDocument('1'))) ?? [];
  const shown = new RegExp(JSON.parse(pattern) as string, 'u');
  for (const key of TAKEN) expect([key, shown.test(key)]).toEqual([key, true]);
  for (const key of REFUSED) expect([key, shown.test(key)]).toEqual([key, false]);
});
