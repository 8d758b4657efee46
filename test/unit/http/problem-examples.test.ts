import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import { addGatewayProblems } from '../../../lib/api/gateway-problems';
import { storeUnavailable } from '../../../lambdas/adapters/aws/dynamodb/store-unavailable';
import type { ErrorCode } from '../../../lambdas/core/contract/problems';
import type { Operation } from '../../../lambdas/core/http/operation';
import { readConfiguration } from '../../../lambdas/core/runtime/configuration';
import { OPERATION_IDS, OPERATIONS, type OperationId } from '../../../lambdas/core/runtime/operations';
import { DekRotationWorld } from '../../doubles/dek-rotation-world';
import { World } from '../../doubles/world';
import { EXAMPLES } from './examples';
import { proxyEventOf, type TestRequest } from './proxy-event-of';
import { requestOf } from './request-of';
import { exampleOf, expectExample, shown, type Body } from './shown-problems';
import { handlersOf, testApi } from './test-api';

/** Each documented refusal is provoked, and compared except for the members that identify the request. */

const route = (id: OperationId): Operation => OPERATIONS[id];

const withCode = (code: ErrorCode): OperationId[] =>
  OPERATION_IDS.filter((id) => route(id).method !== 'HEAD' && route(id).problems.includes(code));

const ask = (id: OperationId, over: Partial<TestRequest> = {}, api = testApi()) =>
  api.call(route(id).function, requestOf(id, over));

/** The application over ports in memory. */
const ofWorld = (world: DekRotationWorld) => testApi({ ...world.application, ...world.use });

const USE_CASES = [
  ...Object.keys(new World().application),
  ...Object.keys(new DekRotationWorld().use),
  ...['checkReadiness', 'listVersionCallers', 'queryAuditEvents', 'describeAuditEvent', 'recordEvidence'],
  ...['listCheckpoints', 'proveEvent', 'readLogObject', 'listLogObjects', 'requestPublication'],
];
/** An application whose every use case ends so. */
const failing = (thrown: Error) =>
  testApi(Object.fromEntries(USE_CASES.map((name) => [name, () => Promise.reject(thrown)])));

function slipIn(request: object): object {
  const [name = ''] = Object.keys(request);
  return Object.fromEntries(
    Object.entries(request).map(([each, value]) => [each === name ? each.toUpperCase() : each, value as unknown]),
  );
}

describe('what any call may be answered', () => {
  test.each(withCode('invalid_request'))('invalid_request of %s', async (id) => {
    const { request } = EXAMPLES[id];
    const query = { [Object.keys(queryOf(id))[0]?.toUpperCase() ?? 'X']: '' };
    await expectExample(id, 'invalid_request', ask(id, request === undefined ? { query } : { body: slipIn(request) }));
  });

  test.each(withCode('provider_not_found'))('provider_not_found of %s', async (id) => {
    const { path } = requestOf(id);
    await expectExample(id, 'provider_not_found', ask(id, { path: path.replace('/openai', '/nobody') }));
  });

  test.each(withCode('payload_too_large'))('payload_too_large of %s', async (id) => {
    await expectExample(id, 'payload_too_large', ask(id, { body: '{}'.padEnd(route(id).maxBodyBytes + 1) }));
  });

  test.each(withCode('unsupported_media_type'))('unsupported_media_type of %s', async (id) => {
    await expectExample(id, 'unsupported_media_type', ask(id, { body: '{}', headers: { 'content-encoding': 'gzip' } }));
  });

  test.each(withCode('internal'))('internal of %s', async (id) => {
    const handlers = handlersOf(() => Promise.reject(new TypeError('x')));
    await expectExample(id, 'internal', handlers[route(id).function](proxyEventOf(requestOf(id))));
  });

  test.each(withCode('configuration_invalid'))('configuration_invalid of %s', async (id) => {
    const handlers = handlersOf(async () => readConfiguration({}) as never);
    await expectExample(id, 'configuration_invalid', handlers[route(id).function](proxyEventOf(requestOf(id))));
  });

  test.each(withCode('store_unavailable'))('store_unavailable of %s', async (id) => {
    await expectExample(id, 'store_unavailable', ask(id, {}, failing(storeUnavailable(new Error('x')))));
  });

  test.each(['access_denied', 'throttled'] as const)('%s, from the gateway', (code) => {
    const templates: string[] = [];
    const addGatewayResponse = (_: string, { templates: each }: { templates: Record<string, string> }) =>
      templates.push(each['application/json'] ?? '');
    addGatewayProblems({ addGatewayResponse } as unknown as RestApi);
    const bodies = templates.map((text) => shown(JSON.parse(text) as Body));
    for (const id of withCode(code)) expect(bodies).toContainEqual(shown(exampleOf(id, code)));
  });
});

const queryOf = (id: OperationId): object => (route(id).query as unknown as { readonly shape: object }).shape;

describe('where the audit log does not answer, or keys are out of reach', () => {
  const away = () => {
    const world = new DekRotationWorld();
    world.audit.failFrom = 0;
    return ofWorld(world);
  };

  test.each(['encrypt', 'decrypt', 'rewrap', 'putCredential'] as const)('audit_unavailable of %s', async (id) => {
    await expectExample(id, 'audit_unavailable', ask(id, {}, away()));
  });

  test.each(['encrypt'] as const)('keys_unavailable of %s', async (id) => {
    const world = new DekRotationWorld();
    world.down(true);
    await expectExample(id, 'keys_unavailable', ask(id, {}, ofWorld(world)));
  });

  test.each([
    ['keys_unavailable', { audit: true, providers: [{ provider: 'openai', ready: false, code: 'keys_unavailable' }] }],
    ['audit_unavailable', { audit: false, providers: [{ provider: 'openai', ready: true }] }],
  ] as const)('%s of checkReadiness', async (code, state) => {
    const readiness = { ready: false, dek_cache: { hits: 41, misses: 1 }, ...state };
    await expectExample(
      'checkReadiness',
      code,
      ask('checkReadiness', {}, testApi({ checkReadiness: async () => readiness })),
    );
  });
});
