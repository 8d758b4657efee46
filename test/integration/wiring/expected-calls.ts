import type { OperationId } from '../../../lambdas/core/runtime/operations';
import { HOME, REGIONS } from './wired-deployment';

/**
 * What each function may ask of whom, written by hand from the design: `<verb> <table, secret, queue or function> <where>`.
 * `here` is the region that serves the request, `home` the one that writes keysets and credentials, `everywhere` each region.
 * "reads now" is a consistent read (ConsistentRead). A call that is missing here, or made elsewhere, is a mistake.
 */

/** Opening and sealing use what is near; the event about it is written where the request was served. */
const TOKENS = ['reads now keysets here', 'reads kek here', 'writes audit here'];
/** Storing seals with the primary as home has it, because it writes there. */
const STORES = [
  'reads now keysets home',
  'reads kek here',
  'reads now credentials home',
  'writes credentials home',
  'writes audit here',
];
/** Changes of a keyset are home's: its record, and its KEK to verify and sign it. */
const KEYSET_AT_HOME = ['reads now keysets home', 'reads kek home'];
const CHANGES_KEYSET = [...KEYSET_AT_HOME, 'writes keysets home', 'writes audit here'];
const REPORTS = ['reads now rotations home', 'writes rotations home'];

/** What is there is opened with what the region knows of its keys, and kept. */
const OPENS_AND_STORES = [...STORES, 'reads now keysets here'];

type Variant = OperationId | `${OperationId}, ${string}`;

/** Each call of the API, in a process that has just started. Typed so that a new route wants a row of its own. */
export const API_CALLS: Readonly<Record<OperationId, readonly string[]> & Partial<Record<Variant, readonly string[]>>> =
  {
    encrypt: TOKENS,
    encryptBatch: TOKENS,
    decrypt: TOKENS,
    decryptBatch: TOKENS,
    rewrap: TOKENS,
    rewrapBatch: TOKENS,
    putCredential: STORES,
    listCredentials: ['reads credentials here'],
    'listCredentials, consistent': ['reads now credentials home'],
    describeCredential: ['reads credentials here'],
    'describeCredential, consistent': ['reads now credentials home'],
    revealCredential: ['reads credentials here', ...TOKENS],
    'revealCredential, consistent': ['reads now credentials home', ...TOKENS],
    'putCredential, replace': OPENS_AND_STORES,
    patchCredential: OPENS_AND_STORES,
    describePreviousValue: ['reads credentials here'],
    'describePreviousValue, consistent': ['reads now credentials home'],
    restoreCredential: OPENS_AND_STORES,
    'restoreCredential, deleted': OPENS_AND_STORES,
    // Opens and seals nothing.
    purgePreviousValue: ['reads now credentials home', 'writes credentials home', 'writes audit here'],
    deleteCredential: OPENS_AND_STORES,
    'deleteCredential, purge': ['reads now credentials home', 'writes credentials home', 'writes audit here'],
    'listCredentials, deleted': ['reads credentials here'],
    listKeysets: ['reads now keysets here'],
    describeKeyset: ['reads now keysets here'],
    describeRotationPolicy: ['reads now keysets home'],
    changeRotationPolicy: CHANGES_KEYSET,
    'rotate, dry': [...KEYSET_AT_HOME, 'reads now credentials home', 'writes audit here'],
    rotate: [...CHANGES_KEYSET, ...REPORTS, 'sends to dek-rotation home'],
    'rotate, emergency': [
      ...CHANGES_KEYSET,
      ...REPORTS,
      'sends to dek-rotation home',
      'invokes prove-keyset everywhere',
    ],
    listRotations: ['reads now rotations home'],
    describeRotation: ['reads now rotations home'],
    abortRotation: [...CHANGES_KEYSET, ...REPORTS],
    // The index says quickly that something is left; both are refused here, and that is on record.
    scheduleDestruction: [...KEYSET_AT_HOME, 'reads credentials/by-key-version home', 'writes audit here'],
    cancelDestruction: [...KEYSET_AT_HOME, 'writes audit here'],
    describeKek: ['reads kek everywhere', 'describes kek home', 'reads now rotations home'],
    rotateKek: [
      'reads kek everywhere',
      'describes kek home',
      'reads now rotations home',
      'rotates kek home',
      'writes audit here',
    ],
    // It is refused where one home is configured, and that is on record.
    moveKek: ['reads now rotations home', 'writes audit here'],
    listVersionCallers: ['reads now keysets here', 'reads now audit here', 'writes audit here'],
    // Without a provider also those that are stored and not configured any more.
    queryAuditEvents: ['reads now keysets here', 'reads now audit here', 'writes audit here'],
    describeAuditEvent: ['reads now keysets here', 'reads now audit here', 'writes audit here'],
    recordEvidence: ['writes audit here'],
    // These deployments publish no log, and the call is on record.
    listCheckpoints: ['writes audit here'],
    proveAuditEvent: ['writes audit here'],
    readLog: ['writes audit here'],
    publishLog: ['writes audit here'],
    checkHealth: [],
    checkHealthHead: [],
    checkReadiness: ['reads now keysets here', 'reads kek here', 'reads now audit here'],
  };

/** A region proves only what it has itself. */
export const PROVES = ['reads now keysets here', 'reads kek here'];

/** The functions that run in the home region only, by request. */
export const HOME_CALLS = {
  'bootstrap, first': [
    'reads kek everywhere',
    'rotates kek home',
    'reads now keysets everywhere',
    // A keyset is made only for a provider that has neither credentials nor events.
    'reads now credentials home',
    'reads now audit home',
    // Nothing is made under a KEK that is being moved.
    'reads now rotations home',
    'writes keysets home',
    'writes audit home',
  ],
  // It records again in the log's table that each provider is in use.
  'bootstrap, again': ['reads kek everywhere', 'reads now keysets everywhere', 'writes audit home'],
  'rotate-kek:createSecret': [
    'reads now rotations home',
    'describes kek home',
    'reads kek home',
    'reads now keysets everywhere',
    'puts kek home',
  ],
  'rotate-kek:setSecret': ['reads now rotations home', 'describes kek home'],
  'rotate-kek:testSecret': [
    'reads now rotations home',
    'describes kek home',
    'reads kek home',
    'reads now keysets everywhere',
  ],
  'rotate-kek:finishSecret': [
    'reads now rotations home',
    'describes kek home',
    'reads kek home',
    'reads now keysets everywhere',
    'writes audit home',
    'labels kek home',
    'sends to rewrap home',
  ],
  // Every region must return the new KEK before anything moves to it.
  'rewrap-deks': [
    'reads now rotations home',
    'reads kek everywhere',
    'reads now keysets everywhere',
    'writes keysets home',
    'writes audit home',
  ],
  // Every region must return the new KEK before anything is rewrapped.
  'rotation-worker, advance': [
    ...KEYSET_AT_HOME,
    ...REPORTS,
    'invokes prove-keyset everywhere',
    'sends to dek-rotation home',
  ],
  'rotation-worker, promote': [
    ...CHANGES_KEYSET,
    ...REPORTS,
    'invokes prove-keyset everywhere',
    'sends to dek-rotation home',
  ],
  'rotation-worker, rekey': [
    ...KEYSET_AT_HOME,
    ...REPORTS,
    // Never by the index, which has no consistent reads.
    'reads now credentials home',
    'writes credentials home',
    'writes audit home',
    'sends to dek-rotation home',
  ],
  'rotation-worker, expire': ['reads now credentials home', 'writes credentials home', 'writes audit home'],
  'rotation-worker, end': [...CHANGES_KEYSET, ...REPORTS],
  sweep: [
    'reads kek everywhere',
    'reads now keysets everywhere',
    'reads now audit home',
    ...REPORTS,
    'reads credentials/by-key-version home',
    // Verified once more before a version is retired.
    'reads now credentials home',
    'writes keysets home',
    'writes audit home',
    'sends to dek-rotation home',
  ],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** A row of the table for one region: each place spelt out, sorted, each once. */
export const inRegion = (calls: readonly string[], here: string): readonly string[] =>
  [...new Set(calls.flatMap((call) => placesOf(call, here)))].sort();

function placesOf(call: string, here: string): readonly string[] {
  const space = call.lastIndexOf(' ');
  const [what, where] = [call.slice(0, space), call.slice(space + 1)];
  if (where === 'everywhere') return REGIONS.map((region) => `${what} ${region}`);
  return [`${what} ${where === 'here' ? here : HOME}`];
}
