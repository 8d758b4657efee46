import { createHmac } from 'node:crypto';
import { formatKeyHandOver } from '../../../lambdas/core/transparency/key-hand-over';
import { eventEntry, isEntryOf, parseEntry } from '../../../lambdas/core/transparency/log-entry';
import { cosignerOf, formatOrigin, isOwnName } from '../../../lambdas/core/transparency/log-origin';
import { formatVerifierKey } from '../../../lambdas/core/transparency/verifier-key';
import { flipped } from './flipped';
import { testSigner } from '../../doubles/transparency/test-signer';

const ID = '0194f1c2a3b40123456789abcdef0123';
const NONCE = Buffer.alloc(32, 9);
const LINE = Buffer.from('{"id":"0194f1c2a3b40123456789abcdef0123","event_type":"decrypt"}');
const entry = eventEntry(ID, NONCE, LINE);

test('the entry of an event is its id and the HMAC of its line under its nonce', () => {
  const mac = createHmac('sha256', NONCE).update(LINE).digest('base64');
  expect(entry.toString('latin1')).toBe(`${ID} ${mac}`);
  expect(parseEntry(entry)).toEqual({ value: { event: { id: ID, mac: Buffer.from(mac, 'base64') } } });
});

test('it fits its line, and no line, nonce or id with a changed bit', () => {
  const parsed = parseEntry(entry).value!;
  if (!('event' in parsed)) throw new Error('no event');
  const fits = (changed: Partial<{ id: string; nonce: Buffer; line: Buffer }>) =>
    isEntryOf(parsed.event, { id: ID, nonce: NONCE, line: LINE, ...changed });
  expect(fits({})).toBe(true);
  expect([...flipped(LINE)].some((line) => fits({ line }))).toBe(false);
  expect([...flipped(NONCE)].some((nonce) => fits({ nonce }))).toBe(false);
  expect(fits({ id: ID.replace('b', 'c') })).toBe(false);
  expect(fits({ line: Buffer.concat([LINE, Buffer.from('\n')]) })).toBe(false);
  // HMAC pads a shorter key with zeros (RFC 2104 section 2), so a nonce of another length could fit, too.
  const ending = Buffer.concat([NONCE.subarray(0, 31), Buffer.of(0)]);
  const made = parseEntry(eventEntry(ID, ending, LINE)).value!;
  if (!('event' in made)) throw new Error('no event');
  expect(isEntryOf(made.event, { id: ID, nonce: ending, line: LINE })).toBe(true);
  expect(isEntryOf(made.event, { id: ID, nonce: ending.subarray(0, 31), line: LINE })).toBe(false);
});

test('a changed bit of an entry gives no entry, or one that does not fit', () => {
  for (const changed of flipped(entry)) {
    const { value } = parseEntry(changed);
    if (value && 'event' in value) expect(isEntryOf(value.event, { id: ID, nonce: NONCE, line: LINE })).toBe(false);
  }
});

test.each([
  ['nothing', ''],
  ['capitals', entry.toString('latin1').replace('a3b4', 'A3B4')],
  ['a newline', `${entry.toString('latin1')}\n`],
  ['two blanks', entry.toString('latin1').replace(' ', '  ')],
  ['trailing bits', `${ID} ${'A'.repeat(42)}B=`],
  ['the URL alphabet', `${ID} ${'-'.repeat(43)}=`],
  ['a third word', `${entry.toString('latin1')} x`],
  ['an id of 31 digits', entry.toString('latin1').slice(1)],
])('no entry: %s', (_, text) => {
  expect(parseEntry(Buffer.from(text))).toEqual({ fault: 'entry_form' });
});

test('no entry is made of a nonce or an id that has another form', () => {
  expect(() => eventEntry(ID, NONCE.subarray(1), LINE)).toThrow(RangeError);
  expect(() => eventEntry('an id', NONCE, LINE)).toThrow(RangeError);
});

describe('a hand-over', () => {
  const from = testSigner('example.org/log').key;
  const to = testSigner('example.org/log', 'ed25519', 'the new one').key;
  const text = (...words: readonly string[]) => Buffer.from(words.join(' '));

  test('is read as it is written', () => {
    const written = formatKeyHandOver({ from, to });
    expect(written.toString('utf8')).toBe(
      `keyward/key-hand-over/v1 ${formatVerifierKey(from)} ${formatVerifierKey(to)}`,
    );
    expect(parseEntry(written)).toEqual({ value: { handOver: { from, to } } });
  });

  test.each([
    ['to itself', from, 'hand_over_keys'],
    ['to another name', testSigner('example.org/other').key, 'hand_over_keys'],
    ['to another type', testSigner('example.org/log', 'cosignature', 'the new one').key, 'hand_over_keys'],
  ])('%s is none', (_, other, fault) => {
    expect(parseEntry(formatKeyHandOver({ from, to: other }))).toEqual({ fault });
  });

  test('of another form is none', () => {
    const [old, young] = [formatVerifierKey(from), formatVerifierKey(to)];
    for (const each of [
      text('keyward/key-hand-over/v2', old, young),
      text('keyward/key-hand-over/v1', old),
      text('keyward/key-hand-over/v1', old, young, young),
      text('keyward/key-hand-over/v1', old, '', young),
      text('keyward/key-hand-over/v1', old, `${young}\n`),
      text('keyward/key-hand-over/v1', 'x', young),
      Buffer.concat([text('keyward/key-hand-over/v1', old, young), Buffer.of(0xff)]),
    ]) {
      expect(parseEntry(each)).toEqual({ fault: 'entry_form' });
    }
  });
});

test.each<[string, string, string, string | undefined]>([
  ['123456789012', 'prod', 'us-east-1', '123456789012/keyward/prod/us-east-1'],
  ['keys.example.com', 'a-b', 'eu-west-1', 'keys.example.com/keyward/a-b/eu-west-1'],
  ['localhost', 'prod', 'us-east-1', undefined],
  ['12345678901', 'prod', 'us-east-1', undefined],
  ['Example.com', 'prod', 'us-east-1', undefined],
  ['example.com/x', 'prod', 'us-east-1', undefined],
  ['-a.example', 'prod', 'us-east-1', undefined],
  [`${'a.'.repeat(130)}example`, 'prod', 'us-east-1', undefined],
  ['example.com', 'pr/od', 'us-east-1', undefined],
  ['example.com', '', 'us-east-1', undefined],
  ['example.com', 'prod', 'us east', undefined],
  ['example.com', 'prod', 'us+east', undefined],
])('origin of %s, %s, %s', (owner, stage, region, origin) => {
  expect(formatOrigin({ owner, stage, region })).toBe(origin);
});

test('a log’s own names are its origin and what is below it', () => {
  const origin = 'example.com/keyward/prod/us-east-1';
  expect(isOwnName(origin, origin)).toBe(true);
  expect(isOwnName(cosignerOf(origin), origin)).toBe(true);
  expect(isOwnName(`${origin}0`, origin)).toBe(false);
  expect(isOwnName('example.com', origin)).toBe(false);
});
