import * as z from 'zod/mini';
import { API_FUNCTIONS, type ApiFunction } from '../contract/functions';
import { IDEMPOTENCY_KEY_PATTERN } from '../contract/idempotency-key';
import { errorCode } from './error-code';
import {
  ENTITY_TAG,
  ERROR_CODE_SCHEMA,
  PROBLEM_SCHEMA,
  problemsOf,
  REPLY_HEADERS,
  REQUEST_ID,
} from './openapi-problems';
import type { Operation, Operations } from './operation';
import { isOptionalBody } from './request-content';

type Json = Readonly<Record<string, unknown>>;

/** Schemas by their names in the document. */
type NamedSchemas = Readonly<Record<string, z.ZodMiniType>>;

/** The input of the document. Every schema of an operation has a name. */
export interface DescribedApi {
  readonly operations: Operations;
  readonly requests: NamedSchemas;
  readonly replies: NamedSchemas;
}

const HEADERS: Readonly<Record<string, Json>> = {
  'idempotency-key': {
    name: 'Idempotency-Key',
    in: 'header',
    description: 'Identifies this call: a repetition by the same caller within a day starts nothing twice.',
    schema: { type: 'string', pattern: IDEMPOTENCY_KEY_PATTERN.source },
  },
  'if-match': {
    name: 'If-Match',
    in: 'header',
    description:
      'One or more ETags, or `*`: the change is made only if the current revision has one of them, or for `*` if there is a current one.',
    schema: { type: 'string' },
    example: '"1"',
  },
  'if-none-match': {
    name: 'If-None-Match',
    in: 'header',
    description:
      '`*`: the change is made only if there is none yet. ETags: only if the current revision has none of them.',
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

const TAGS: Readonly<Record<ApiFunction, string>> = {
  encrypt: 'Seal a text under the primary of a provider; the caller keeps the token.',
  decrypt: 'Open a token.',
  rewrap: 'Move a token to the primary.',
  credentials: 'API keys that Keyward stores itself.',
  keys: 'DEKs of the providers: versions, states and dates, never key material.',
  rotations: 'DEK rotations, rotation policies, and the destruction of key versions.',
  audit: 'Who did what, and when.',
  health: 'Liveness and readiness.',
};

/** npm's value for a package without a licence grant (docs.npmjs.com, package.json, `license`). */
const NO_LICENSE = 'UNLICENSED';

/**
 * The OpenAPI 3.1 document of the API, made from the declarations of its operations: the same schemas check requests and cut
 * replies.
 *
 * @param version of Keyward
 * @param license SPDX expression; left out: no licence is granted
 */
export const describeApi = (api: DescribedApi, version: string, license = NO_LICENSE): Json => ({
  openapi: '3.1.0',
  info: {
    title: 'Keyward',
    version,
    summary: 'Keeps the API keys of AI providers encrypted.',
    description: [
      'Keeps the API keys of AI providers encrypted. Every use of a key leaves an audit event.',
      'Requests are signed with AWS Signature Version 4 for the service `execute-api`. JSON is read strictly: unknown members and parameters are refused, and so is a name that occurs twice. A body is read as JSON under any content type; a `Content-Encoding` is refused.',
      'An empty body, white space, `null` and `{}` are the same where no member is required. An optional member that is `null` and a parameter without a value count as left out.',
      'Errors are problem documents (RFC 9457) with a stable `code`. Clients must accept codes, members and events that are not described here: they may be added at any time.',
    ].join('\n\n'),
    contact: { name: 'The operator of this deployment' },
    // SPDX 2.3, annex D: the form for a licence without an SPDX id.
    license:
      license === NO_LICENSE
        ? { name: 'No licence is granted', identifier: `LicenseRef-${license}` }
        : { name: license, identifier: license },
  },
  servers: [{ url: '/', description: 'Where this document comes from.' }],
  tags: API_FUNCTIONS.map((name) => ({ name, description: TAGS[name] })),
  security: [{ sigv4: [] }],
  paths: paths(api),
  components: {
    securitySchemes: { sigv4: SECURITY_SCHEME },
    headers: REPLY_HEADERS,
    schemas: {
      ...componentsOf(api.requests, 'input'),
      ...componentsOf({ ...api.replies, ErrorCode: errorCode }, 'output'),
      ErrorCode: ERROR_CODE_SCHEMA,
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

const IN_THE_CLEAR = 'The reply carries a secret in plaintext: keep it out of logs.';

function shown(id: string, operation: Operation, refTo: RefTo): Json {
  const { request, reply } = operation.example;
  return {
    operationId: id,
    tags: [operation.function],
    summary: operation.summary,
    description: operation.plaintext ? `${operation.description}\n\n${IN_THE_CLEAR}` : operation.description,
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
    responses: {
      ...Object.fromEntries(operation.statuses.map((status) => [status, successOf(operation, reply, refTo)])),
      ...problemsOf(operation),
    },
  };
}

/** An optional body may also be `null`. */
const bodySchema = (schema: z.ZodMiniType, refTo: RefTo): Json =>
  isOptionalBody(schema) ? { anyOf: [refTo(schema), { type: 'null' }] } : refTo(schema);

const standingParameters = ({ path, parameters, preconditions, idempotent }: Operation): unknown[] => [
  ...Array.from(path.matchAll(/\{(\w+)\}/g), ([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    description: parameters[name]?.description,
    schema: parameters[name]?.schema,
  })),
  ...preconditions.map((header) => HEADERS[header]),
  ...(idempotent ? [HEADERS['idempotency-key']] : []),
];

function queryParameters({ query }: Operation): Json[] {
  const { properties = {} } = z.toJSONSchema(query, { io: 'input' });
  return Object.entries(properties as Readonly<Record<string, Json>>).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    description,
    schema,
  }));
}

function successOf({ method, entityTag, reply }: Operation, example: object | undefined, refTo: RefTo): Json {
  const hasBody = reply !== undefined && method !== 'HEAD';
  const description = hasBody ? 'Done.' : 'Success; the reply has no body.';
  return {
    description,
    headers: { ...REQUEST_ID, ...(entityTag && ENTITY_TAG) },
    ...(hasBody && { content: { 'application/json': { schema: refTo(reply), example } } }),
  };
}

const uriOf = (name: string): string => `#/components/schemas/${name}`;

/** Replies may get members that are not described yet; requests are closed. */
const leaveOpen =
  (io: 'input' | 'output') =>
  ({ jsonSchema }: { readonly jsonSchema: z.core.JSONSchema.BaseSchema }): void => {
    if (io === 'output' && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
  };

function componentsOf(schemas: NamedSchemas, io: 'input' | 'output'): Json {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(schemas)) registry.add(schema, { id });
  const made = z.toJSONSchema(registry, { io, uri: uriOf, metadata: z.globalRegistry, override: leaveOpen(io) });
  return Object.fromEntries(
    Object.entries(made.schemas).map(([id, { $schema: _, $id: __, ...schema }]) => [id, schema]),
  );
}
