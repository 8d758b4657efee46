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

/** Schemas by the names that they have in the document. */
type NamedSchemas = Readonly<Record<string, z.ZodMiniType>>;

/** What the document is made from. Every schema of an operation has a name. */
export interface DescribedApi {
  readonly operations: Operations;
  readonly requests: NamedSchemas;
  readonly replies: NamedSchemas;
}

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

const TAGS: Readonly<Record<ApiFunction, string>> = {
  encrypt: 'Seal a text under the key of a provider; the caller keeps the token.',
  decrypt: 'Open a token.',
  rewrap: 'Move a token to the newest key.',
  credentials: 'API keys that Keyward stores itself.',
  keys: 'Data keys of the providers: versions, states and dates, never key material.',
  rotations: 'When data keys change, how far that is, and the end of old ones.',
  audit: 'Who did what, and when.',
  health: 'Whether it is alive, and whether it can do its work.',
};

/** What npm writes for a package that nobody is granted anything of (docs.npmjs.com, package.json, `license`). */
const NO_LICENSE = 'UNLICENSED';

/**
 * The OpenAPI 3.1 document of the API, made from the declarations of its operations and so from the very schemas that requests
 * are checked with and replies are cut to.
 *
 * @param version of Keyward
 * @param license its SPDX expression; left out: none is granted
 */
export const describeApi = (api: DescribedApi, version: string, license = NO_LICENSE): Json => ({
  openapi: '3.1.0',
  info: {
    title: 'Keyward',
    version,
    summary: 'Keeps the API keys of AI providers encrypted.',
    description: [
      'Keeps the API keys of AI providers encrypted. Every use of a key leaves an audit event.',
      'Requests are signed with AWS Signature Version 4 for the service `execute-api`. JSON is read strictly: unknown members and parameters are refused, and so is a name that occurs twice. Whatever the content type, a body is JSON; a `Content-Encoding` is refused.',
      'Where there is nothing to say, no body, white space, `null` and `{}` are the same. `null` for a member that may be left out is as left out, and so is a parameter without a value.',
      'Errors are problem documents (RFC 9457) with a stable `code`. Clients must take codes, members and events that are not described here: they are added at any time.',
    ].join('\n\n'),
    contact: { name: 'Whoever operates this installation' },
    // A license that has no SPDX id is named so (SPDX 2.3, annex D).
    license:
      license === NO_LICENSE
        ? { name: 'None is granted', identifier: `LicenseRef-${license}` }
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

const IN_THE_CLEAR = 'The reply carries a secret in the clear: keep it out of logs.';

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

/** Where there need be none, `null` is none too. */
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
  const description = hasBody ? 'Done.' : 'Done; the reply has no body.';
  return {
    description,
    headers: { ...REQUEST_ID, ...(entityTag && ENTITY_TAG) },
    ...(hasBody && { content: { 'application/json': { schema: refTo(reply), example } } }),
  };
}

const uriOf = (name: string): string => `#/components/schemas/${name}`;

/** A reply may get members that are not described yet; a request has none but those that are. */
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
