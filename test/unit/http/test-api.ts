import type { APIGatewayProxyResult } from 'aws-lambda';
import { createHandler as createAuditHandler } from '../../../lambdas/audit/handler';
import type { HttpHandler } from '../../../lambdas/core/http/http-handler';
import type { FunctionName } from '../../../lambdas/core/http/routes';
import type { Application } from '../../../lambdas/core/usecases/application';
import { createHandler as createCredentialsHandler } from '../../../lambdas/credentials/handler';
import { createHandler as createDecryptHandler } from '../../../lambdas/decrypt/handler';
import { createHandler as createEncryptHandler } from '../../../lambdas/encrypt/handler';
import { createHandler as createHealthHandler } from '../../../lambdas/health/handler';
import { createHandler as createKeysHandler } from '../../../lambdas/keys/handler';
import { createHandler as createRewrapHandler } from '../../../lambdas/rewrap/handler';
import { EXAMPLES } from '../../../lambdas/core/http/openapi-examples';
import { RecordingLogger } from '../../doubles/recording-logger';
import { proxyEventOf, type TestRequest } from './proxy-event-of';

const NOW = Date.parse('2026-11-21T12:00:00.000Z');
const PROVIDERS = ['openai', 'anthropic'];

const reply = (operation: keyof typeof EXAMPLES): never => EXAMPLES[operation].reply as never;

/** Use cases that answer what the documentation's examples say. A test replaces those that it is about. */
const exampleApplication = (): Application => ({
  encrypt: async () => reply('encrypt'),
  decrypt: async () => reply('decrypt'),
  rewrap: async () => reply('rewrap'),
  putCredential: async () => ({ credential: reply('putCredential'), created: true }),
  describeCredential: async () => reply('describeCredential'),
  listCredentials: async () => reply('listCredentials'),
  revealCredential: async () => reply('revealCredential'),
  deleteCredential: async () => undefined,
  listKeysets: async () => [reply('describeKeyset')],
  describeKeyset: async () => reply('describeKeyset'),
  queryAuditEvents: async () => reply('queryAuditEvents'),
  checkReadiness: async () => reply('checkReadiness'),
});

/** All seven functions over one fake application, with every log line that they write. */
export function testApi(application: Partial<Application> = {}) {
  const logger = new RecordingLogger();
  const clock = { now: () => NOW, sleep: async () => undefined };
  const runtime = { application: { ...exampleApplication(), ...application }, providers: PROVIDERS, clock, logger };
  const provide = async () => runtime;
  const handlers: Readonly<Record<FunctionName, HttpHandler>> = {
    encrypt: createEncryptHandler(provide),
    decrypt: createDecryptHandler(provide),
    rewrap: createRewrapHandler(provide),
    credentials: createCredentialsHandler(provide),
    keys: createKeysHandler(provide),
    audit: createAuditHandler(provide),
    health: createHealthHandler(provide),
  };
  const call = (name: FunctionName, request: TestRequest) => handlers[name](proxyEventOf(request));
  return { handlers, call, log: logger.lines };
}

export const bodyOf = (result: APIGatewayProxyResult) => JSON.parse(result.body) as Record<string, unknown>;
