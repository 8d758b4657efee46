import { proxyEvent } from '../bundles/bundled-deployment';
import type { OperationId } from '../../../lambdas/core/runtime/operations';
import { OPERATIONS } from '../../../lambdas/core/runtime/operations';
import type { FunctionName } from '../../../lambdas/core/contract/functions';

/** The values that one region's callers have received so far. */
export interface Notes {
  readonly provider: string;
  token: string;
  rotation: string;
}

/** One request to the API, and how it must end: a row of calls that were refused half way would be shorter. */
export interface Act {
  /** An operation's id, with a word behind a comma where it is asked in more than one way. */
  readonly name: string;
  readonly function: FunctionName;
  readonly event: (notes: Notes) => unknown;
  readonly status: number;
}

export const KEY = 'sk-example-not-a-real-key';

const act = (
  operation: OperationId,
  status: number,
  made: { how?: string; query?: string; body?: (notes: Notes) => unknown } = {},
): Act => ({
  name: made.how === undefined ? operation : `${operation}, ${made.how}`,
  function: OPERATIONS[operation].function,
  status,
  event: (notes) => {
    const path = OPERATIONS[operation].path
      .replace('{provider}', notes.provider)
      .replace('{name}', 'production')
      .replace('{id}', '01a1fd557a80'.padEnd(32, '0'))
      .replace('{rotation_id}', notes.rotation)
      .replace('{version}', '1');
    return proxyEvent(OPERATIONS[operation].method, `${path}${made.query ?? ''}`, made.body?.(notes));
  },
});

const consistent = { how: 'consistent', query: '?consistent=true' };
const ciphertext = (notes: Notes) => ({ ciphertext: notes.token });
/** Of two: one event alone goes another way than a group of them. */
const batch = (notes: Notes) => ({ items: [ciphertext(notes), ciphertext(notes)] });

/** Every call of the API once, in an order in which each finds what it needs. */
export const ACTS: readonly Act[] = [
  act('encrypt', 200, { body: () => ({ plaintext: KEY }) }),
  act('encryptBatch', 200, { body: () => ({ items: [{ plaintext: KEY }, { plaintext: KEY }] }) }),
  act('decrypt', 200, { body: ciphertext }),
  act('decryptBatch', 200, { body: batch }),
  act('rewrap', 200, { body: ciphertext }),
  act('rewrapBatch', 200, { body: batch }),
  act('putCredential', 201, { body: () => ({ api_key: KEY, metadata: { team: 'search' } }) }),
  act('listCredentials', 200),
  act('listCredentials', 200, consistent),
  act('describeCredential', 200),
  act('describeCredential', 200, consistent),
  act('revealCredential', 200),
  act('revealCredential', 200, consistent),
  act('putCredential', 200, { how: 'replace', body: () => ({ api_key: `${KEY}-newer`, metadata: {} }) }),
  act('patchCredential', 200, { body: () => ({ metadata: { team: null } }) }),
  act('describePreviousValue', 200),
  act('describePreviousValue', 200, consistent),
  act('restoreCredential', 200, { body: () => ({ revision: 1 }) }),
  act('purgePreviousValue', 204),
  act('listKeysets', 200),
  act('describeKeyset', 200),
  act('describeRotationPolicy', 200),
  act('changeRotationPolicy', 200, { body: () => ({ enabled: true, interval_days: 60, grace_period_days: 2 }) }),
  act('rotate', 200, { how: 'dry', body: () => ({ dry_run: true }) }),
  act('rotate', 202, { body: () => ({}) }),
  act('listRotations', 200),
  act('describeRotation', 200),
  act('abortRotation', 200),
  act('rotate', 202, { how: 'emergency', body: () => ({ emergency: true }) }),
  // Too early: refused after all that it asks.
  act('scheduleDestruction', 409, { body: () => ({ pending_window_days: 30 }) }),
  act('cancelDestruction', 409),
  act('describeKek', 200),
  act('moveKek', 409, { body: () => ({ action: 'begin', from: 'aws', to: 'vault' }) }),
  act('listVersionCallers', 200),
  act('queryAuditEvents', 200),
  act('describeAuditEvent', 404),
  act('recordEvidence', 200, { body: () => OPERATIONS.recordEvidence.example.request }),
  act('listCheckpoints', 404),
  act('proveAuditEvent', 404),
  act('readLog', 404, { query: '?path=checkpoint' }),
  act('publishLog', 404, { body: () => ({ action: 'publish' }) }),
  act('checkHealth', 200),
  act('checkHealthHead', 200),
  act('checkReadiness', 200),
  act('deleteCredential', 204),
  act('listCredentials', 200, { how: 'deleted', query: '?deleted=true' }),
  act('restoreCredential', 200, { how: 'deleted', body: () => ({ revision: 5 }) }),
  act('deleteCredential', 204, { how: 'purge', query: '?previous=purge' }),
  act('rotateKek', 202),
];

/** Asked of a service that is in part unavailable or incomplete. */
const ODD_ACTS: readonly Act[] = [
  act('decrypt', 400, { how: 'of a version to come', body: ({ token }) => ({ ciphertext: ofTheNextVersion(token) }) }),
];

/** The next one may come into being at any moment: it is looked for. */
const ofTheNextVersion = (token: string): string =>
  token.replace(/^(kw1\.[^.]+)\.(\d+)/, (_, start: string, version: string) => `${start}.${Number(version) + 1}`);

export const actNamed = (name: string): Act => [...ACTS, ...ODD_ACTS].find((act) => act.name === name)!;
