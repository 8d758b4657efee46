import { OPERATIONS, type OperationId } from '../../../lambdas/core/runtime/operations';
import { createDescribeVersion } from '../../../lambdas/core/dek-rotation/describe-version';
import { publish } from '../../../lambdas/core/transparency/publish';
import { RecordingLogger } from '../../doubles/recording-logger';
import { DekRotationWorld } from '../../doubles/dek-rotation-world';
import { caller } from '../../doubles/world';
import { proxyEventOf } from './proxy-event-of';
import { handlersOf } from './test-api';

export const KEY = 'sk-example-not-a-real-key';

/** Calls with an audit event, and those without: written by hand, complete by its type. */
export const AUDITED: Readonly<Record<OperationId, boolean>> = {
  encrypt: true,
  encryptBatch: true,
  decrypt: true,
  decryptBatch: true,
  rewrap: true,
  rewrapBatch: true,
  listCredentials: false,
  putCredential: true,
  describeCredential: false,
  patchCredential: true,
  describePreviousValue: false,
  restoreCredential: true,
  purgePreviousValue: true,
  deleteCredential: true,
  revealCredential: true,
  listKeysets: false,
  describeKeyset: false,
  describeRotationPolicy: false,
  changeRotationPolicy: true,
  rotate: true,
  listRotations: false,
  describeRotation: false,
  abortRotation: true,
  scheduleDestruction: true,
  cancelDestruction: true,
  describeKek: false,
  rotateKek: true,
  moveKek: true,
  listVersionCallers: true,
  queryAuditEvents: true,
  describeAuditEvent: true,
  recordEvidence: true,
  listCheckpoints: true,
  proveAuditEvent: true,
  readLog: true,
  publishLog: true,
  checkHealth: false,
  checkHealthHead: false,
  checkReadiness: false,
};

/** Requests of each audited call that succeed, and that are refused. */
export interface Asking {
  readonly body?: unknown;
  readonly version?: string;
  readonly name?: string;
  readonly id?: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Of the reply that it would have. */
  readonly status: number;
}

interface Known {
  readonly token: string;
  readonly rotation: string;
  readonly event: string;
}

export const ASKED: Partial<Record<OperationId, (known: Known) => readonly Asking[]>> = {
  encrypt: () => [{ body: { plaintext: KEY }, status: 200 }],
  encryptBatch: () => [{ body: { items: [{ plaintext: KEY }, { plaintext: KEY }] }, status: 200 }],
  decrypt: ({ token }) => [
    { body: { ciphertext: token }, status: 200 },
    { body: { ciphertext: token, context: { a: 'b' } }, status: 400 },
    { body: { ciphertext: 'x' }, status: 400 },
  ],
  decryptBatch: ({ token }) => [{ body: { items: [{ ciphertext: token }, { ciphertext: 'x' }] }, status: 200 }],
  rewrap: ({ token }) => [
    { body: { ciphertext: token }, status: 200 },
    { body: { ciphertext: 'x' }, status: 400 },
  ],
  rewrapBatch: ({ token }) => [{ body: { items: [{ ciphertext: token }, { ciphertext: 'x' }] }, status: 200 }],
  putCredential: () => [
    { body: { api_key: KEY, metadata: { team: 'search' } }, status: 200 },
    { name: 'another', body: { api_key: KEY }, status: 201 },
  ],
  patchCredential: () => [
    { body: { metadata: { team: 'another' } }, status: 200 },
    { name: 'no-such-name', body: { metadata: {} }, status: 404 },
  ],
  restoreCredential: () => [
    { body: { revision: 1 }, status: 200 },
    { body: { revision: 2 }, status: 409 },
    { name: 'no-such-name', body: { revision: 1 }, status: 404 },
  ],
  purgePreviousValue: () => [{ status: 204 }, { name: 'no-such-name', status: 404 }],
  deleteCredential: () => [
    { status: 204 },
    { query: { previous: 'purge' }, status: 204 },
    { name: 'no-such-name', status: 404 },
  ],
  revealCredential: () => [{ status: 200 }, { name: 'no-such-name', status: 404 }],
  changeRotationPolicy: () => [{ body: { enabled: true, interval_days: 30, grace_period_days: 1 }, status: 200 }],
  rotate: () => [
    { body: {}, status: 409 },
    { body: { emergency: true }, status: 202 },
    { body: { dry_run: true }, status: 200 },
  ],
  abortRotation: () => [{ status: 200 }],
  scheduleDestruction: () => [
    { version: '1', body: { pending_window_days: 30 }, status: 409 },
    { version: '99', body: { pending_window_days: 30 }, status: 400 },
  ],
  cancelDestruction: () => [{ version: '1', status: 409 }],
  rotateKek: () => [{ status: 202 }],
  moveKek: () => [
    { body: { action: 'begin', from: 'local', to: 'vault' }, status: 200 },
    { body: { action: 'begin', from: 'aws', to: 'vault' }, status: 409 },
    { body: { action: 'finish' }, status: 409 },
    { body: { action: 'abort' }, status: 409 },
  ],
  listVersionCallers: () => [{ version: '1', status: 200 }],
  queryAuditEvents: () => [{ status: 200 }, { query: { event_type: 'audit_read' }, status: 200 }],
  describeAuditEvent: ({ event }) => [
    { status: 200 },
    { query: { timestamp: '2026-11-01' }, status: 404 },
    { id: event.replace(/^./, 'f'), status: 404 },
  ],
  recordEvidence: () => [{ body: OPERATIONS.recordEvidence.example.request, status: 200 }],
  listCheckpoints: () => [{ status: 200 }],
  proveAuditEvent: ({ event }) => [
    { status: 200 },
    { query: { region: 'ap-south-1' }, status: 404 },
    { id: event.replace(/^./, 'f'), status: 404 },
  ],
  readLog: () => [
    { query: { path: 'checkpoint' }, status: 200 },
    { query: { path: 'tile/7/000' }, status: 404 },
    { query: { prefix: 'archive/' }, status: 200 },
    { query: { prefix: 'archive/', region: 'ap-south-1' }, status: 404 },
  ],
  publishLog: () => [
    { body: { action: 'publish' }, status: 200 },
    { body: { action: 'publish', region: 'ap-south-1' }, status: 404 },
  ],
};

/**
 * The whole API over stores in memory: one credential with a previous value, one token, and a rotation that can still be aborted.
 */
export async function deployed() {
  const world = new DekRotationWorld();
  await world.store(1);
  await world.application.putCredential(caller, { provider: 'openai', name: 'key-0', api_key: `${KEY}-newer` });
  const { ciphertext } = await world.application.encrypt(caller, { provider: 'openai', plaintext: KEY, context: {} });
  const rotation = await world.rotate();
  world.kek.homes = { home: 'vault', movingFrom: 'local' };
  const logs = world.publishing();
  logs.archiveAll();
  await publish(logs.of('eu-west-1').publisher());
  const application = {
    ...world.application,
    ...world.use,
    describeVersion: createDescribeVersion({ keysets: world.home }),
  };
  const runtime = { application, providers: ['openai', 'google'], clock: world.clock, logger: new RecordingLogger() };
  const provide = async () => runtime as never;
  const handlers = handlersOf(provide);
  const event = world.audit.events[0]!.id;
  const call = async (
    operation: OperationId,
    { body, query, version = '1', name = 'key-0', id = event }: Omit<Asking, 'status'>,
  ) => {
    const { path, method, function: of } = OPERATIONS[operation];
    const filled = path
      .replace('{provider}', 'openai')
      .replace('{name}', name)
      .replace('{id}', id)
      .replace('{rotation_id}', rotation)
      .replace('{version}', version);
    const reply = await handlers[of](proxyEventOf({ method, path: filled, body, ...(query && { query }) }));
    const text = reply.body;
    return { status: reply.statusCode, text, body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown> };
  };
  /** All stored data, and all calls to other services. */
  const kept = () =>
    structuredClone({
      keysets: [...world.home.records],
      credentials: [...world.credentials.rows],
      rotations: [...world.rotations.rows],
      messages: world.queue.sent,
      requests: world.kek.requests,
      moves: [...world.kek.moves],
    });
  return { world, call, kept, known: { token: ciphertext, rotation, event } };
}
