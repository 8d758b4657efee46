import { PassThrough } from 'node:stream';
import { RefusalLogger } from '../../../local/gateway/refusal-logger';
import { UnreadableRequests } from '../../../local/gateway/unreadable-requests';
import { TestClock, testRandomness } from '../../doubles/memory-ports';
import { RecordingLogger } from '../../doubles/recording-logger';

/** Rare or late errors of Node.js; test/integration/local/odd-requests.test.ts has the others. */
function answer(code: string | undefined, known: { readonly bytesRead?: number } = {}, connection = new PassThrough()) {
  const logger = new RecordingLogger();
  const lines = new RefusalLogger({ clock: new TestClock(), logger });
  const unreadable = new UnreadableRequests({ lines, randomness: testRandomness });
  const error = Object.assign(new Error('not for the log'), code === undefined ? {} : { code });
  unreadable.answer(error, Object.assign(connection, known));
  const written = String(connection.read() ?? '');
  connection.destroy();
  return { logger, written };
}

test('a connection on which nothing comes, as browsers open in advance, is no line of the log', () => {
  const { logger, written } = answer('ERR_HTTP_REQUEST_TIMEOUT', { bytesRead: 0 });
  expect(written).toMatch(
    /^HTTP\/1\.1 408 Request Timeout\r\ncontent-length: 0\r\ndate: .* GMT\r\nconnection: close\r\n\r\n$/,
  );
  expect(logger.lines).toEqual([]);
});

test('a request that never comes to its end is one', () => {
  const { logger, written } = answer('ERR_HTTP_REQUEST_TIMEOUT', { bytesRead: 7 });
  expect(written).toMatch(/^HTTP\/1\.1 408 /);
  expect(logger.lines).toMatchObject([{ message: 'request refused: it was not complete in time' }]);
});

test.each(['ECONNRESET', 'EPIPE', undefined])('a connection that broke by itself (%s) is none', (code) => {
  const { logger, written } = answer(code);
  expect(written).toBe('');
  expect(logger.lines).toEqual([]);
});

test('nothing is said to who cannot hear it', () => {
  const gone = new PassThrough();
  gone.end();
  gone.destroy();
  const { logger, written } = answer('HPE_INVALID_METHOD', {}, gone);
  expect(written).toBe('');
  expect(logger.lines).toEqual([]);
});
