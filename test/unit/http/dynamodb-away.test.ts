import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../../compile/root';
import { OPERATION_IDS, type OperationId } from '../../../lambdas/core/runtime/operations';
import { ASKED, deployed, KEY } from './deployed-api';

/**
 * The table "What is answered while DynamoDB is down" of docs/decisions/fail-closed-audit.md, row by row: every call of the API
 * in a region whose DynamoDB does not answer, while another region's keysets can be read.
 */

interface Row {
  /** The beginning of the row on the page. */
  readonly begins: string;
  readonly operations: readonly OperationId[];
  readonly status: number;
  readonly codes: readonly string[];
}

const ROWS: readonly Row[] = [
  { begins: '`/healthz`', operations: ['checkHealth', 'checkHealthHead'], status: 200, codes: [] },
  { begins: '`/readyz`', operations: ['checkReadiness'], status: 503, codes: ['audit_unavailable'] },
  {
    begins: 'encrypt, decrypt, rewrap',
    operations: ['encrypt', 'encryptBatch', 'decrypt', 'decryptBatch', 'rewrap', 'rewrapBatch'],
    status: 503,
    codes: ['audit_unavailable'],
  },
  { begins: 'revealing a credential', operations: ['revealCredential'], status: 503, codes: ['audit_unavailable'] },
  {
    begins: 'storing, replacing, restoring, purging, deleting a credential',
    operations: [
      'putCredential',
      'patchCredential',
      'restoreCredential',
      'purgePreviousValue',
      'deleteCredential',
      'changeRotationPolicy',
      'rotate',
      'abortRotation',
      'scheduleDestruction',
      'cancelDestruction',
      'rotateKek',
      'moveKek',
    ],
    status: 503,
    codes: ['audit_unavailable', 'store_unavailable'],
  },
  {
    begins: 'listing and describing',
    operations: [
      'describeKek',
      'listCredentials',
      'describeCredential',
      'describePreviousValue',
      'listKeysets',
      'describeKeyset',
      'describeRotationPolicy',
      'listRotations',
      'describeRotation',
      'listVersionCallers',
    ],
    status: 503,
    codes: ['store_unavailable', 'keys_unavailable'],
  },
  {
    begins: 'reading the audit log',
    operations: [
      'queryAuditEvents',
      'describeAuditEvent',
      'listCheckpoints',
      'proveAuditEvent',
      'readLog',
      'publishLog',
      'recordEvidence',
    ],
    status: 503,
    codes: ['audit_unavailable'],
  },
];

/** The last row has no call of its own: refusals before any table is read. */
const UNREAD = 'a request that IAM refuses, or that cannot be read';

const page = readFileSync(join(ROOT, 'docs/decisions/fail-closed-audit.md'), 'utf8');
const table = page.split('### What is answered while DynamoDB is down')[1]?.split('\n\n## ')[0] ?? '';
const rowsOfThePage = [...table.matchAll(/^\| (.+?) \| (.+) \|$/gm)]
  .map(([, call = '', answer = '']) => ({ call, answer }))
  .filter(({ call }) => call !== 'call' && !call.startsWith('---'));

test('every row of the page is here, and every call of the API is in one row', () => {
  const begins = [...new Set(ROWS.map((row) => row.begins)), UNREAD];
  expect(rowsOfThePage).toHaveLength(begins.length);
  for (const [index, begin] of begins.entries()) expect(rowsOfThePage[index]?.call.startsWith(begin)).toBe(true);
  expect(ROWS.flatMap(({ operations }) => operations).sort()).toEqual([...OPERATION_IDS].sort());
});

test.each(ROWS)('the page has the answer of the row "$begins"', ({ begins, status, codes }) => {
  const answer = rowsOfThePage.find(({ call }) => call.startsWith(begins))?.answer ?? '';
  expect(answer).toContain(String(status));
  const said = Array.from(answer.matchAll(/`(\w+_unavailable)`/g), ([, code]) => code);
  expect(said).toEqual(codes);
});

const calls = ROWS.flatMap(({ operations, status, codes }) =>
  operations.map((operation) => ({ operation, status, codes })),
);

test.each(calls)('$operation', async ({ operation, status, codes }) => {
  const count = ASKED[operation]?.({ token: '', rotation: '', event: '' }).length ?? 1;
  for (let index = 0; index < count; index += 1) {
    const { world, call, kept, known } = await deployed();
    const asking = ASKED[operation]?.(known)[index] ?? {};
    const before = kept();
    const { home, local, credentials, scanner, rotations, audit, kek } = world;
    for (const store of [home, local, credentials, scanner, rotations, audit, kek.moveTable]) store.down = true;
    const reply = await call(operation, asking);
    expect(reply.status).toBe(status);
    if (status === 503) expect(codes).toContain(reply.body['code']);
    expect(reply.text).not.toContain(KEY);
    expect(reply.text).not.toContain('kw1.');
    expect(kept()).toEqual(before);
  }
});

test('what cannot be read is refused as ever', async () => {
  const { world, call } = await deployed();
  for (const store of [world.home, world.local, world.credentials, world.audit]) store.down = true;
  const unreadable = [{ body: '{' }, { body: { plaintext: '' } }, { body: { plaintext: KEY, another: 1 } }];
  for (const asking of unreadable) {
    expect(await call('encrypt', asking)).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
  }
});
