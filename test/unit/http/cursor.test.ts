import fc from 'fast-check';
import { auditCursor } from '../../../lambdas/core/audit/operations/audit-paging';
import { credentialCursor } from '../../../lambdas/core/credentials/operations/credential-schemas';
import { KeywardError } from '../../../lambdas/core/errors/errors';
import { runs } from '../../effort';

const { encode: encodeAuditCursor, decode: decodeAuditCursor } = auditCursor;
const encodeCredentialCursor = (after: string): string => credentialCursor.encode({ after });
const decodeCredentialCursor = (text: string): string => credentialCursor.decode(text).after;

const cursor = {
  from: '2026-11-14T00:00:00.000Z',
  to: '2026-11-21T00:00:00.000Z',
  filters: '0123456789abcdef',
  timestamp: '2026-11-20T00:00:00.000Z',
  id: '0'.repeat(32),
};
const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Undefined if the cursor was accepted. */
const refusalOf = (decode: (text: string) => unknown, text: string): string | undefined => {
  try {
    decode(text);
    return undefined;
  } catch (thrown) {
    if (!(thrown instanceof KeywardError)) throw thrown;
    return `${thrown.code}: ${thrown.message}`;
  }
};

const REFUSAL = 'invalid_request: cursor: does not belong to this query';

describe('a cursor', () => {
  it('comes back as it was', () => {
    expect(decodeAuditCursor(encodeAuditCursor(cursor))).toStrictEqual(cursor);
    expect(decodeCredentialCursor(encodeCredentialCursor('default'))).toBe('default');
  });

  it.each([
    'x',
    '!!!!',
    `${encodeCredentialCursor('default')}=`,
    encode(null),
    encode([]),
    encode('default'),
    encode({}),
    encode({ after: '../default' }),
    encode({ after: 1 }),
    encode({ after: 'default', more: 1 }),
    encodeAuditCursor(cursor),
    Buffer.from('{"after":').toString('base64url'),
    Buffer.from([0xff, 0xfe]).toString('base64url'),
  ])('of a list that reads %j is refused', (text) => {
    expect(refusalOf(decodeCredentialCursor, text)).toBe(REFUSAL);
  });

  it.each([
    { ...cursor, from: 'yesterday' },
    { ...cursor, to: '2026-11-21T00:00:00Z' },
    { ...cursor, timestamp: '2026-02-30T00:00:00.000Z' },
    { ...cursor, timestamp: {} },
    { ...cursor, id: '' },
    { ...cursor, id: 'G'.repeat(32) },
    { ...cursor, filters: 1 },
    { ...cursor, limit: 1_000_000 },
    { ...cursor, from: undefined },
  ])('of the audit log that holds %j is refused', (value) => {
    expect(refusalOf(decodeAuditCursor, encode(value))).toBe(REFUSAL);
  });

  it('that is made up is refused and breaks nothing', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.jsonValue().map(encode), fc.base64String());
    fc.assert(
      fc.property(text, (madeUp) => {
        expect(refusalOf(decodeAuditCursor, madeUp)).toBe(REFUSAL);
        expect(refusalOf(decodeCredentialCursor, madeUp)).toBe(REFUSAL);
      }),
      { numRuns: runs(1000) },
    );
  });
});
