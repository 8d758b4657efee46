import { RefusalLogger } from '../../../local/gateway/refusal-logger';
import { TestClock } from '../../doubles/memory-ports';
import { RecordingLogger } from '../../doubles/recording-logger';

function setUp() {
  const clock = new TestClock();
  const logger = new RecordingLogger();
  return { clock, logger, lines: new RefusalLogger({ clock, logger }) };
}

test('a refusal is one line, which does not say who it was', () => {
  const { logger, lines } = setUp();
  lines.tell('request refused: it is not signed', '192.0.2.1', { request_id: 'r', clock_skew_seconds: -3 });
  expect(logger.lines).toEqual([
    {
      level: 'warn',
      message: 'request refused: it is not signed',
      fields: { request_id: 'r', clock_skew_seconds: -3 },
    },
  ]);
});

test('a flood is thirty lines a minute, a word that there is more, and the count of the rest', () => {
  const { clock, logger, lines } = setUp();
  for (let each = 0; each < 1000; each++) lines.tell('refused', '192.0.2.1', {});
  expect(logger.lines).toHaveLength(31);
  expect(logger.lines[30]?.message).toBe('further refusals of that sender in this minute are only counted');
  clock.time += 60_000;
  lines.tell('refused again', '192.0.2.1', {});
  expect(logger.lines.slice(31)).toEqual([
    { level: 'warn', message: 'more requests were refused than the log lists', fields: { count: 970 } },
    { level: 'warn', message: 'refused again', fields: {} },
  ]);
});

test('a flood from as many addresses as one likes is bounded, too, and hides nobody who came before', () => {
  const { logger, lines } = setUp();
  lines.tell('refused', 'arn:aws:iam::000000000000:user/somebody', {});
  for (let each = 0; each < 5000; each++)
    for (const _ of [1, 2, 3]) lines.tell('flood', `127.0.${each >> 8}.${each & 255}`, {});
  lines.tell('refused', 'arn:aws:iam::000000000000:user/somebody', {});
  expect(logger.lines.length).toBeLessThanOrEqual(1 + 49 * 3 + 31 + 1);
  expect(logger.lines.filter(({ message }) => message === 'refused')).toHaveLength(2);
});

test('who has no address shares one count', () => {
  const { logger, lines } = setUp();
  for (let each = 0; each < 50; each++) lines.tell('refused', null, {});
  expect(logger.lines).toHaveLength(31);
});
