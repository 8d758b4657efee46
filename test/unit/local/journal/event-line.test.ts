import { AUDIT_FIELDS, AUDIT_METADATA } from '../../../../lambdas/core/audit/audit-event';
import { newAuditRecord } from '../../../../lambdas/core/audit/audit-record';
import { formatEventLine } from '../../../../lambdas/core/audit/event-line';
import { parseEventLine } from '../../../../local/journal/event-line';
import { auditEvent, recordOf } from '../../../contract/audit-events';
import { TestClock, testRandomness } from '../../../doubles/memory-ports';

const edited = (change: Record<string, unknown>): string =>
  JSON.stringify({ ...(JSON.parse(formatEventLine(auditEvent())) as object), ...change });

it('gives back what was written, with all members and with as few as there can be', () => {
  const full = auditEvent({
    metadata: { operation: 'put_credential', revision: 3, phase: 'outcome', outcome: 'written' },
  });
  const sparse = auditEvent({ provider: null, user_id: null, key_version: null, success: null, metadata: {} });
  for (const event of [full, sparse]) expect(parseEventLine(formatEventLine(event))).toStrictEqual(event);
});

it('is one line without white space that begins with id and time, whatever is in it', () => {
  const { id, timestamp, ...rest } = auditEvent({ user_agent: 'a\nb\u2028"c\\' });
  const line = formatEventLine({ ...rest, timestamp, id });
  expect(line.startsWith(`{"id":"${id}","timestamp":"${timestamp}","`)).toBe(true);
  expect(line).not.toMatch(/\n/);
  expect(parseEventLine(line)?.user_agent).toBe('a\nb\u2028"c\\');
});

it('has the nonce of a record, which no reading gives back, and marks an event whose nonce was edited or taken away', () => {
  const record = recordOf(auditEvent());
  const line = formatEventLine(record);
  expect(line.endsWith(`,"nonce":"${record.nonce}"}`)).toBe(true);
  const { nonce: _, ...event } = record;
  expect(parseEventLine(line)).toStrictEqual(event);
  for (const nonce of [
    '',
    'x',
    record.nonce.slice(1),
    `${record.nonce}A`,
    record.nonce.replace(/.=$/, 'B='),
    5,
    null,
  ]) {
    expect(parseEventLine(edited({ nonce }))).toMatchObject({ damaged: true });
    expect(parseEventLine(edited({ nonce }))).not.toHaveProperty('nonce');
  }
  const { id: _id, timestamp: _timestamp, ...given } = event;
  const ofNow = newAuditRecord({ clock: new TestClock(), randomness: testRandomness }, given);
  expect(parseEventLine(formatEventLine(ofNow))).not.toHaveProperty('damaged');
  expect(parseEventLine(formatEventLine({ ...ofNow, nonce: undefined }))).toMatchObject({ damaged: true });
});

it('leaves out members that a newer release wrote, and metadata that is undefined', () => {
  const event = auditEvent();
  const newer = { ...event, colour: 'red', metadata: { ...event.metadata, code: undefined, colour: 'red' } };
  expect(parseEventLine(formatEventLine(newer as never))).toStrictEqual(event);
  expect(formatEventLine(newer as never)).not.toContain('code');
});

it('takes a text that it does not know: a newer release may have more of them', () => {
  expect(parseEventLine(edited({ event_type: 'newer' }))).toMatchObject({ event_type: 'newer' });
  expect(parseEventLine(edited({ event_type: 'newer' }))).not.toHaveProperty('damaged');
});

it('says of an edited line that it is damaged, and shows what is left of it', () => {
  for (const name of Object.keys(AUDIT_FIELDS).filter((each) => each !== 'id' && each !== 'timestamp')) {
    for (const value of [{ odd: 1 }, undefined]) {
      const read = parseEventLine(edited({ [name]: value }));
      expect(read).toMatchObject({ damaged: true });
      expect(['', null]).toContain(read![name as 'user_id']);
    }
  }
  for (const name of Object.keys(AUDIT_METADATA)) {
    const read = parseEventLine(edited({ metadata: { operation: 'decrypt', [name]: [] } }));
    expect(read).toMatchObject({ damaged: true });
    expect(read!.metadata).not.toHaveProperty(name);
  }
  for (const metadata of [undefined, null, 'text', []]) {
    expect(parseEventLine(edited({ metadata }))).toMatchObject({ damaged: true, metadata: {} });
  }
  expect(parseEventLine(edited({ success: 'true', key_version: -1 }))).toMatchObject({
    success: null,
    key_version: null,
  });
});

it('keeps the mark of an event whose row was damaged before it was taken over', () => {
  const event = auditEvent({ damaged: true });
  expect(parseEventLine(formatEventLine(event))).toStrictEqual(event);
});

it('takes for no event what has no place in the log', () => {
  const lines = ['', 'null', '[]', '"text"', '{', '{"count":1}', `${formatEventLine(auditEvent())}x`];
  const places = [{ id: undefined }, { id: 'A'.repeat(32) }, { id: 5 }, { timestamp: '2026-11-21' }, { timestamp: 7 }];
  for (const line of [...lines, ...places.map(edited)]) expect(parseEventLine(line)).toBeUndefined();
});
