import { STATUS_CODES } from 'node:http';
import * as z from 'zod/mini';
import { IDEMPOTENCY_KEY_PATTERN } from '../contract/idempotency-key';
import { PROBLEM_CONTENT_TYPE, tooLarge } from '../contract/problems';
import type { Operation, Operations } from './operation';
import { isOptionalBody } from './request-content';

type Json = Readonly<Record<string, unknown>>;

/** Schemas by the names that they have in the document. */
type NamedSchemas = Readonly<Record<string, z.ZodMiniType>>;

/** What the document is made from. Every schema of an operation has a name. */
export interface DescribedApi {
  readonly operations: Operations;
  readonly requests: NamedSchemas;
  readonly replies: NamedSchemas;
}

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

const HEADERS: Readonly<Record<string, Json>> = {
  'idempotency-key': {
    name: 'Idempotency-Key',
    in: 'header',
    description: 'Names this call: sent again by the same caller within a day, it starts nothing twice.',
    schema: { type: 'string', pattern: IDEMPOTENCY_KEY_PATTERN.source },
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
 * The OpenAPI 3.1 document of the API, made from the declarations of its operations and so from the very schemas that requests
 * are checked with and replies are cut to.
 *
 * @param version of Keyward
 */
export const describeApi = (api: DescribedApi, version: string): Json => ({
  openapi: '3.1.0',
  info: {
    title: 'Keyward',
    version,
    description: 'Keeps the API keys of AI providers encrypted. Every use of a key leaves an audit event.',
  },
  servers: [{ url: '/' }],
  security: [{ sigv4: [] }],
  paths: paths(api),
  components: {
    securitySchemes: { sigv4: SECURITY_SCHEME },
    schemas: {
      ...componentsOf(api.requests, 'input'),
      ...componentsOf(api.replies, 'output'),
      Problem: PROBLEM_SCHEMA,
    },
  },
});

/** Refers to a schema by its name. */
type RefTo = (schema: z.ZodMiniType) => Json;

function paths({ operations, requests, replies }: DescribedApi): Json {
  const names = new Map(
    [...Object.entries(requests), ...Object.entries(replies)].map(([name, schema]) => [schema, name]),
  );
  const refTo: RefTo = (schema) => ({ $ref: uriOf(String(names.get(schema))) });
  const found: Record<string, Record<string, Json>> = {};
  for (const [id, operation] of Object.entries(operations)) {
    (found[operation.path] ??= {})[operation.method.toLowerCase()] = shown(id, operation, refTo);
  }
  return found;
}

function shown(id: string, operation: Operation, refTo: RefTo): Json {
  const { request, reply } = operation.example;
  return {
    operationId: id,
    tags: [operation.function],
    summary: operation.summary,
    ...(operation.plaintext && { description: 'The reply carries a secret in the clear.' }),
    ...(!operation.authenticated && { security: [] }),
    parameters: [...standingParameters(operation), ...queryParameters(operation)],
    ...(operation.request && {
      requestBody: {
        description: `At most ${operation.maxBodyBytes} bytes.`,
        'x-max-bytes': operation.maxBodyBytes,
        required: !isOptionalBody(operation.request),
        content: { 'application/json': { schema: bodySchema(operation.request, refTo), example: request } },
      },
    }),
    responses: Object.fromEntries([
      ...operation.statuses.map((status) => [status, successOf(operation, reply, refTo)]),
      ...operation.problems.map((status) => [status, problemOf(status, operation)]),
    ]) as Json,
  };
}

/** Where there need be none, `null` is none too. */
const bodySchema = (schema: z.ZodMiniType, refTo: RefTo): Json =>
  isOptionalBody(schema) ? { anyOf: [refTo(schema), { type: 'null' }] } : refTo(schema);

const standingParameters = ({ path, parameters, preconditions, idempotent }: Operation): unknown[] => [
  ...Array.from(path.matchAll(/\{(\w+)\}/g), ([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: parameters[name]?.schema,
  })),
  ...preconditions.map((header) => HEADERS[header]),
  ...(idempotent ? [HEADERS['idempotency-key']] : []),
];

function queryParameters({ query }: Operation): Json[] {
  const { properties = {} } = z.toJSONSchema(query, { io: 'input' });
  return Object.entries(properties).map(([name, schema]) => ({ name, in: 'query', schema }));
}

function successOf({ method, entityTag, reply }: Operation, example: object | undefined, refTo: RefTo): Json {
  const hasBody = reply !== undefined && method !== 'HEAD';
  const description = hasBody ? 'Done.' : 'Done; the reply has no body.';
  const headers = { 'x-request-id': { schema: { type: 'string' } } };
  const tag = entityTag ? { etag: { schema: { type: 'string' } } } : {};
  return {
    description,
    headers: { ...headers, ...tag },
    ...(hasBody && { content: { 'application/json': { schema: refTo(reply), example } } }),
  };
}

const problemOf = (status: number, { method, maxBodyBytes }: Operation): Json => ({
  description: status === 413 ? `${STATUS_CODES[413]}: ${tooLarge(maxBodyBytes)}.` : String(STATUS_CODES[status]),
  ...(status === 503 && { headers: { 'retry-after': { schema: { type: 'integer' }, description: 'Seconds.' } } }),
  ...(method !== 'HEAD' && {
    content: { [PROBLEM_CONTENT_TYPE]: { schema: { $ref: '#/components/schemas/Problem' } } },
  }),
});

const uriOf = (name: string): string => `#/components/schemas/${name}`;

function componentsOf(schemas: NamedSchemas, io: 'input' | 'output'): Json {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(schemas)) registry.add(schema, { id });
  const made = z.toJSONSchema(registry, { io, uri: uriOf, metadata: z.globalRegistry });
  return Object.fromEntries(
    Object.entries(made.schemas).map(([id, { $schema: _, $id: __, ...schema }]) => [id, schema]),
  );
}
