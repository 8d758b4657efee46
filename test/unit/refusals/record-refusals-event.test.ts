import { gzipSync } from 'node:zlib';
import { inflateLogData } from '../../../lambdas/adapters/aws/logs/inflate-log-data';
import { recordRefusalsEvent } from '../../../lambdas/core/refusals/record-refusals-event';
import { ACCESS_LOG, accessLine, CONTROL_MESSAGE, deliveryOf, inAwslogs } from '../../doubles/access-log';
import { RecordingLogger } from '../../doubles/recording-logger';

const logger = new RecordingLogger();
const done = { recorded: 2, counted: 0, unrouted: 0, malformed: 0 };
const use = { recordRefusals: () => Promise.resolve(done), inflate: inflateLogData, logGroup: ACCESS_LOG, logger };
const parse = (event: unknown) => recordRefusalsEvent.parse(event, use);

test('the lines of a delivery are read as they were written', () => {
  const lines = [accessLine(), 'no "line"\\', accessLine({ 'identity.userAgent': '"\u0000é\\ud800' })];
  expect(parse(deliveryOf(lines))).toEqual(lines);
  expect(parse(deliveryOf([]))).toEqual([]);
});

test('the message that checks the destination has none', () => {
  expect(parse(CONTROL_MESSAGE)).toEqual([]);
});

test.each([
  ['\\ud800', '\ufffd'],
  ['\\uDFFFx', '\ufffdx'],
  ['\\ud83d\\ude00', '😀'],
  ['\\\\ud800', '\\ud800'],
  ['\\\\\\ud800', '\\\ufffd'],
  ['\\ud800\\ud83d\\ude00', '\ufffd😀'],
])('a surrogate without its other does not hide the other lines: %s', (escaped, expected) => {
  const text = `{"messageType":"DATA_MESSAGE","logGroup":"${ACCESS_LOG}","logEvents":[{"message":"${escaped}"},{"message":"b"}]}`;
  expect(parse(inAwslogs(text))).toEqual([expected, 'b']);
});

const zipped = gzipSync(JSON.stringify({ messageType: 'CONTROL_MESSAGE' }));

test.each([
  ['nothing', undefined],
  ['another event', { Records: [] }],
  ['no data', { awslogs: { data: '' } }],
  ['data that is not base64', { awslogs: { data: '%%%' } }],
  ['data that is not zipped', { awslogs: { data: Buffer.from('{}').toString('base64') } }],
  ['data that is cut off', { awslogs: { data: zipped.subarray(0, -9).toString('base64') } }],
  [
    'data that is damaged',
    { awslogs: { data: Buffer.from(zipped.map((byte, at) => (at === 12 ? byte ^ 1 : byte))).toString('base64') } },
  ],
  ['a text that is not JSON', inAwslogs('no JSON')],
  ['a member twice', inAwslogs('{"messageType":"CONTROL_MESSAGE","messageType":"DATA_MESSAGE"}')],
  ['another message', inAwslogs('{"messageType":"OTHER"}')],
  ['lines that are not text', deliveryOf([], { logEvents: [{ message: 1 }] })],
  ['the lines of another log', deliveryOf([accessLine()], { logGroup: '/aws/lambda/keyward-record-refusals' })],
])('%s is refused', (_, event) => {
  expect(parse(event)).toBeUndefined();
});

test('what would become far more than a delivery has is not read', () => {
  const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024 + 1, 0x20), { level: 1 });
  expect(bomb.length).toBeLessThan(1_000_000);
  expect(parse({ awslogs: { data: bomb.toString('base64') } })).toBeUndefined();
});

test('what became of a delivery is told, with nothing of its lines', async () => {
  expect(await recordRefusalsEvent.serve(['a'], use)).toEqual(done);
  const more = { recorded: 10, counted: 5, unrouted: 1, malformed: 1 };
  await recordRefusalsEvent.serve([], { ...use, recordRefusals: () => Promise.resolve(more) });
  const operation = 'record-refusals';
  expect(logger.lines).toEqual([
    { level: 'info', message: 'recorded', fields: { operation, count: 2 } },
    { level: 'info', message: 'recorded', fields: { operation, count: 10 } },
    { level: 'warn', message: 'more requests were refused than have events', fields: { operation, count: 5 } },
    { level: 'error', message: 'lines of the access log are not of its format', fields: { operation, count: 1 } },
  ]);
});
