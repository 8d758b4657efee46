import { STATUS_CODES } from 'node:http';
import * as z from 'zod/mini';
import { CREDENTIAL_NAME_PATTERN, MAX_KEY_VERSION, PROVIDER_PATTERN, ROTATION_ID_PATTERN } from '../contract/names';
import { PROBLEM_CONTENT_TYPE } from '../contract/problems';
import { IDEMPOTENCY_KEY_PATTERN } from './idempotency-key';
import { EXAMPLES } from './openapi-examples';
import * as replies from './reply-schemas';
import * as requests from './request-schemas';
import { OPERATION_IDS, ROUTES, type OperationId, type Route } from './routes';

type Json = Readonly<Record<string, unknown>>;

const REQUEST_SCHEMAS = {
  EncryptRequest: requests.encryptRequest,
  EncryptBatchRequest: requests.encryptBatchRequest,
  TokenRequest: requests.tokenRequest,
  TokenBatchRequest: requests.tokenBatchRequest,
  PutCredentialRequest: requests.putCredentialRequest,
  RotationPolicyRequest: requests.rotationPolicyRequest,
  RotateRequest: requests.rotateRequest,
  ScheduleDestructionRequest: requests.scheduleDestructionRequest,
};

const REPLY_SCHEMAS = {
  Sealed: replies.sealedReply,
  Opened: replies.openedReply,
  Failure: replies.failure,
  SealedBatch: replies.sealedBatchReply,
  OpenedBatch: replies.openedBatchReply,
  Credential: replies.credentialReply,
  CredentialPage: replies.credentialListReply,
  RevealedCredential: replies.revealedReply,
  Keyset: replies.keysetReply,
  Keysets: replies.keysetListReply,
  RotationPolicy: replies.rotationPolicyReply,
  Rotation: replies.rotationReply,
  RotationPage: replies.rotationListReply,
  Census: replies.censusReply,
  RotationOrCensus: replies.rotateReply,
  KeyVersion: replies.versionDestructionReply,
  VersionCallers: replies.versionCallersReply,
  AuditPage: replies.auditPageReply,
  Health: replies.healthReply,
  Readiness: replies.readinessReply,
};

/** RFC 9457 section 3.1, with our extension members. */
const PROBLEM_SCHEMA = {
  type: 'object',
  properties: {
    type: { const: 'about:blank' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { type: 'string', description: 'Stable: codes are added, never renamed.' },
    detail: { type: 'string' },
    request_id: { type: 'string' },
  },
  required: ['type', 'title', 'status', 'code', 'detail', 'request_id'],
};

const PARAMETERS: Readonly<Record<string, Json>> = {
  provider: { name: 'provider', in: 'path', required: true, schema: patternSchema(PROVIDER_PATTERN) },
  name: { name: 'name', in: 'path', required: true, schema: patternSchema(CREDENTIAL_NAME_PATTERN) },
  rotation_id: { name: 'rotation_id', in: 'path', required: true, schema: patternSchema(ROTATION_ID_PATTERN) },
  version: {
    name: 'version',
    in: 'path',
    required: true,
    schema: { type: 'integer', minimum: 1, maximum: MAX_KEY_VERSION },
  },
  'idempotency-key': {
    name: 'Idempotency-Key',
    in: 'header',
    description: 'Names this call: sent again by the same caller within a day, it starts nothing twice.',
    schema: patternSchema(IDEMPOTENCY_KEY_PATTERN),
  },
  'if-match': {
    name: 'If-Match',
    in: 'header',
    description:
      'The ETag of the revision that was read, or several, or `*`: whichever there is when the change is made.',
    schema: { type: 'string' },
    example: '"1"',
  },
  'if-none-match': {
    name: 'If-None-Match',
    in: 'header',
    description: '`*`: only where there is none yet. ETags: only where it is at none of these revisions.',
    schema: { type: 'string' },
    example: '*',
  },
};

const SECURITY_SCHEME = {
  type: 'apiKey',
  name: 'Authorization',
  in: 'header',
  description: 'AWS Signature Version 4, service `execute-api`.',
  'x-amazon-apigateway-authtype': 'awsSigv4',
};

/**
 * The OpenAPI 3.1 document of the API, made from the route table and from the very schemas that requests are checked
 * with and replies are cut to.
 *
 * @param version of Keyward
 */
export const openApiDocument = (version: string): Json => ({
  openapi: '3.1.0',
  info: {
    title: 'Keyward',
    version,
    description: 'Keeps the API keys of AI providers encrypted. Every use of a key leaves an audit event.',
  },
  servers: [{ url: '/' }],
  security: [{ sigv4: [] }],
  paths: paths(),
  components: {
    securitySchemes: { sigv4: SECURITY_SCHEME },
    schemas: {
      ...componentsOf(REQUEST_SCHEMAS, 'input'),
      ...componentsOf(REPLY_SCHEMAS, 'output'),
      Problem: PROBLEM_SCHEMA,
    },
  },
});

function paths(): Json {
  const found: Record<string, Record<string, Json>> = {};
  for (const id of OPERATION_IDS) {
    const { path, method } = ROUTES[id];
    (found[path] ??= {})[method.toLowerCase()] = operationOf(id, ROUTES[id]);
  }
  return found;
}

function operationOf(id: OperationId, route: Route): Json {
  const { request, reply } = EXAMPLES[id];
  return {
    operationId: id,
    tags: [route.function],
    summary: route.summary,
    ...(route.plaintext && { description: 'The reply carries a secret in the clear.' }),
    ...(!route.authenticated && { security: [] }),
    parameters: [...standingParameters(route), ...queryParameters(route)],
    ...(route.request && {
      requestBody: {
        required: true,
        content: { 'application/json': { schema: refTo(route.request), example: request } },
      },
    }),
    responses: Object.fromEntries([
      ...route.statuses.map((status) => [status, successOf(route, reply)]),
      ...route.problems.map((status) => [status, problemOf(status)]),
    ]) as Json,
  };
}

const standingParameters = (route: Route): unknown[] => [
  ...Array.from(route.path.matchAll(/\{(\w+)\}/g), ([, name]) => PARAMETERS[String(name)]),
  ...(route.preconditions ?? []).map((header) => PARAMETERS[header]),
  ...(route.idempotent ? [PARAMETERS['idempotency-key']] : []),
];

function queryParameters(route: Route): Json[] {
  const { properties = {} } = z.toJSONSchema(route.query, { io: 'input' });
  return Object.entries(properties).map(([name, schema]) => ({ name, in: 'query', schema }));
}

function successOf(route: Route, example: object | undefined): Json {
  const description = route.reply ? 'Done.' : 'Done; the reply has no body.';
  const headers = { 'x-request-id': { schema: { type: 'string' } } };
  const tag = route.path.includes('{name}') && route.reply ? { etag: { schema: { type: 'string' } } } : {};
  return {
    description,
    headers: { ...headers, ...tag },
    ...(route.reply && { content: { 'application/json': { schema: refTo(route.reply), example } } }),
  };
}

const problemOf = (status: number): Json => ({
  description: String(STATUS_CODES[status]),
  ...(status === 503 && { headers: { 'retry-after': { schema: { type: 'integer' }, description: 'Seconds.' } } }),
  content: { [PROBLEM_CONTENT_TYPE]: { schema: { $ref: '#/components/schemas/Problem' } } },
});

const uriOf = (name: string): string => `#/components/schemas/${name}`;

function refTo(schema: z.ZodMiniType): Json {
  const named = Object.entries({ ...REQUEST_SCHEMAS, ...REPLY_SCHEMAS }).find(([, known]) => known === schema);
  return { $ref: uriOf(String(named?.[0])) };
}

function componentsOf(schemas: Readonly<Record<string, z.ZodMiniType>>, io: 'input' | 'output'): Json {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(schemas)) registry.add(schema, { id });
  const made = z.toJSONSchema(registry, { io, uri: uriOf, metadata: z.globalRegistry });
  return Object.fromEntries(
    Object.entries(made.schemas).map(([id, { $schema: _, $id: __, ...schema }]) => [id, schema]),
  );
}

function patternSchema(pattern: RegExp): Json {
  return { type: 'string', pattern: pattern.source };
}
