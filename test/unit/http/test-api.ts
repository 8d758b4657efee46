import type { APIGatewayProxyResult } from 'aws-lambda';
import * as z from 'zod/mini';
import { createHttpHandler, type HttpHandler } from '../../../lambdas/core/http/http-handler';
import type { ApiFunction } from '../../../lambdas/core/contract/functions';
import type { ApplicationOf, Operation, Runtime } from '../../../lambdas/core/http/operation';
import { LOG_EXAMPLES } from '../../../lambdas/core/transparency/operations/log-examples';
import { matchRoute } from '../../../lambdas/core/http/router';
import { OPERATIONS } from '../../../lambdas/core/runtime/operations';
import type { KekMoveRecord } from '../../../lambdas/core/kek-move/kek-move-record';
import type { KeysetView } from '../../../lambdas/core/keysets/show-keysets';
import type { DryRunView } from '../../../lambdas/core/dek-rotation/dry-run';
import type { DekRotationView } from '../../../lambdas/core/dek-rotation/show-dek-rotations';
import { RecordingLogger } from '../../doubles/recording-logger';
import { EXAMPLES } from './examples';
import { proxyEventOf, type TestRequest } from './proxy-event-of';

const NOW = Date.parse('2026-11-21T12:00:00.000Z');
const PROVIDERS = ['openai', 'anthropic'];

/** The result of a dry run. */
export const DRY_RUN: DryRunView = {
  provider: 'openai',
  dry_run: true,
  from_version: 3,
  to_version: 4,
  credentials: 12,
  by_version: [
    { key_version: 2, credentials: 2, previous_values: 1 },
    { key_version: 3, credentials: 10, previous_values: 0 },
  ],
  previous_values: 1,
  undecryptable: ['old-one'],
  undecryptable_previous: [],
  would_move: 11,
  estimated_seconds: 183,
};

const keyset = EXAMPLES.describeKeyset.reply as KeysetView;
const rotation = EXAMPLES.describeRotation.reply as DekRotationView;

const reply = (operation: keyof typeof EXAMPLES): never => EXAMPLES[operation].reply as never;

type TestApplication = ApplicationOf<typeof OPERATIONS>;

/** Use cases that return the documentation's examples. A test replaces those that it is about. */
const exampleApplication = (): TestApplication => ({
  encrypt: async () => reply('encrypt'),
  decrypt: async () => reply('decrypt'),
  rewrap: async () => reply('rewrap'),
  putCredential: async () => ({ credential: reply('putCredential'), created: true }),
  describeCredential: async () => reply('describeCredential'),
  listCredentials: async () => reply('listCredentials'),
  revealCredential: async () => reply('revealCredential'),
  deleteCredential: async () => undefined,
  patchMetadata: async () => reply('patchCredential'),
  describePrevious: async () => reply('describePreviousValue'),
  restoreCredential: async () => reply('restoreCredential'),
  purgePrevious: async () => undefined,
  listDeletedCredentials: async () => ({ deleted: [] }),
  listKeysets: async () => [reply('describeKeyset')],
  describeKeyset: async () => reply('describeKeyset'),
  queryAuditEvents: async () => reply('queryAuditEvents'),
  describeAuditEvent: async () => reply('describeAuditEvent'),
  recordEvidence: async () => reply('recordEvidence'),
  listVersionCallers: async () => reply('listVersionCallers'),
  listCheckpoints: async () => ({
    checkpoints: [{ region: 'us-east-1', fault: 'unavailable' }],
    archiveDays: 400,
    eventDays: undefined,
  }),
  proveEvent: async () => {
    const { entry, proof, line, ...proved } = LOG_EXAMPLES.proof;
    return { ...proved, entry: Buffer.from(entry), proof: Buffer.from(proof), line: Buffer.from(line) };
  },
  readLogObject: async (_, { path, offset }) => ({
    region: 'us-east-1',
    path,
    size: 4,
    sha256: '0'.repeat(64),
    offset,
    bytes: Buffer.from('note'),
  }),
  listLogObjects: async () => LOG_EXAMPLES.paths,
  requestPublication: async () => ({
    region: 'us-east-1',
    published: { size: 1, counts: { added: 1, repeated: 0, foreign: 0, malformed: 0 } },
  }),
  showPolicy: async () => keyset.rotation_policy,
  changePolicy: async () => keyset.rotation_policy,
  rotate: async () => ({ kind: 'started', rotation_id: rotation.rotation_id }),
  dryRun: async () => DRY_RUN,
  describeRotation: async () => rotation,
  listRotations: async () => ({ rotations: [rotation] }),
  abortRotation: async () => undefined,
  scheduleDestruction: async () => undefined,
  cancelDestruction: async () => undefined,
  describeVersion: async () => reply('scheduleDestruction'),
  describeKek: async () => reply('describeKek'),
  requestKekRotation: async () => reply('rotateKek'),
  moveKek: async () => {
    const {
      waiting_for: waitingFor,
      switch_after: switchAfter,
      ...move
    } = EXAMPLES.moveKek.reply as never as {
      readonly waiting_for: readonly string[];
      readonly switch_after: string;
    } & KekMoveRecord;
    return { move, waitingFor, switchAfter };
  },
  checkReadiness: async () => reply('checkReadiness'),
});

/** Each function with the operations that it serves. */
export function handlersOf(
  provide: () => Promise<Runtime<TestApplication>>,
): Readonly<Record<ApiFunction, HttpHandler>> {
  const all = Object.entries(OPERATIONS);
  const names = [...new Set(all.map(([, operation]) => operation.function))];
  const handlerOf = (name: ApiFunction): HttpHandler => {
    const served = Object.fromEntries(all.filter(([, operation]) => operation.function === name));
    return createHttpHandler(served as typeof OPERATIONS, provide);
  };
  return Object.fromEntries(names.map((name) => [name, handlerOf(name)])) as Record<ApiFunction, HttpHandler>;
}

/** All eight functions over one fake application, with all their log lines. */
export function testApi(application: Partial<TestApplication> = {}) {
  const logger = new RecordingLogger();
  const clock = { now: () => NOW, sleep: async () => undefined };
  const runtime = { application: { ...exampleApplication(), ...application }, providers: PROVIDERS, clock, logger };
  const provide = async () => runtime;
  const handlers = handlersOf(provide);
  const call = async (name: ApiFunction, request: TestRequest) => {
    const answer = await handlers[name](proxyEventOf(request));
    expectDescribed(name, request, answer);
    return answer;
  };
  return { handlers, call, log: logger.lines };
}

/** In every test, each reply must be one that the OpenAPI document has for the call, by every rule of its schema. */
function expectDescribed(
  name: ApiFunction,
  { method = 'GET', path }: TestRequest,
  { statusCode, body }: APIGatewayProxyResult,
): void {
  const match = matchRoute(OPERATIONS, method, path);
  if (match.kind !== 'route') return;
  const { function: server, problems, reply: schema, statuses }: Operation = OPERATIONS[match.operation];
  if (server !== name) return;
  const shown = body === '' ? undefined : (JSON.parse(body) as { code: string });
  if (statusCode >= 400) expect(problems).toContain(shown?.code);
  else if (schema !== undefined && statuses.includes(statusCode)) z.parse(schema, shown);
}

export const bodyOf = (result: APIGatewayProxyResult) => JSON.parse(result.body) as Record<string, unknown>;
