import { STATUS_CODES } from 'node:http';
import * as z from 'zod/mini';
import { ENVIRONMENT } from '../contract/environment';
import { AGAIN_DESCRIPTIONS, PROBLEM_MEANINGS, type ProblemMeaning } from '../contract/problem-meanings';
import {
  ERROR_CODES,
  GATEWAY_DETAILS,
  OUTAGE_DETAILS,
  PROBLEM_CONTENT_TYPE,
  PROBLEM_STATUSES,
  tooLarge,
  type ErrorCode,
} from '../contract/problems';
import { keysUnavailable, KeywardError, toKeywardError } from '../errors/errors';
import type { CommonCode } from './define-operation';
import type { Operation } from './operation';
import { NO_PROVIDER } from './path-parameter';
import { isToTryAgain, problemBody } from './problem';
import { validate } from './validation';

type Json = Readonly<Record<string, unknown>>;

/**
 * The codes as an open enumeration: the "annotated enumeration" of OpenAPI 3.1.1 (Schema Object), or any other string. Generators
 * turn it into a string, or into the literals and a string (tried: openapi-generator 7.14 for Python, Java, Go, C# and
 * TypeScript, openapi-typescript 7, datamodel-code-generator 0.89); they turn `enum` into a class, which is closed where `enum`
 * stands alone.
 */
export const ERROR_CODE_SCHEMA: Json = {
  description: 'What went wrong. Stable: codes are added, never renamed. Treat an unknown code by its status.',
  anyOf: [
    ...ERROR_CODES.map((code) => ({ const: code, description: describeProblem(PROBLEM_MEANINGS[code]) })),
    { type: 'string', description: 'A code of a later release.' },
  ],
  'x-extensible-enum': ERROR_CODES,
};

function describeProblem({ meaning, action, again }: ProblemMeaning): string {
  return `${meaning} ${action} May it be sent again as it is? ${AGAIN_DESCRIPTIONS[again]}`;
}

/** RFC 9457 section 3.1, with our extension members. */
export const PROBLEM_SCHEMA: Json = {
  type: 'object',
  description: 'A problem document (RFC 9457). A 503 of `/readyz` also has the members of the readiness.',
  properties: {
    type: { const: 'about:blank' },
    title: { type: 'string', description: 'The reason phrase of the status.' },
    status: { type: 'integer', minimum: 400, maximum: 599 },
    code: { $ref: '#/components/schemas/ErrorCode' },
    detail: { type: 'string', description: 'One sentence for people. It may change, and never repeats input.' },
    request_id: { type: 'string', description: 'The id in the header `X-Request-Id`, the log and the audit log.' },
    rotation_id: { type: 'string', description: 'With `rotation_running`: the running rotation.' },
  },
  required: ['type', 'title', 'status', 'code', 'detail', 'request_id'],
  additionalProperties: true,
};

/** Headers of replies, by their names in the document. */
export const REPLY_HEADERS: Json = {
  RequestId: { schema: { type: 'string' }, description: 'Identifies this request in the log and the audit log.' },
  RetryAfter: { schema: { type: 'integer' }, description: 'Seconds to wait before sending the request again.' },
  EntityTag: { schema: { type: 'string' }, description: 'The revision, for `If-Match` and `If-None-Match`.' },
};

const headerOf = (name: string): Json => ({ $ref: `#/components/headers/${name}` });
export const REQUEST_ID: Json = { 'x-request-id': headerOf('RequestId') };
export const ENTITY_TAG: Json = { etag: headerOf('EntityTag') };
const RETRY_AFTER: Json = { 'retry-after': headerOf('RetryAfter') };

/** The `detail` of failures that any operation can have. */
const COMMON_DETAILS: Readonly<Record<Exclude<CommonCode, 'invalid_request'>, (operation: Operation) => string>> = {
  access_denied: () => GATEWAY_DETAILS.unsigned,
  audit_unavailable: () => OUTAGE_DETAILS.auditAway,
  configuration_invalid: () => `${ENVIRONMENT.region} is not set`,
  headers_too_large: () => GATEWAY_DETAILS.tooManyHeaders,
  internal: () => toKeywardError(undefined).message,
  keys_unavailable: () => keysUnavailable('keyset_missing').message,
  payload_too_large: ({ maxBodyBytes }) => tooLarge(maxBodyBytes),
  provider_not_found: () => NO_PROVIDER,
  store_unavailable: () => OUTAGE_DETAILS.noAnswerOf('the table'),
  throttled: () => GATEWAY_DETAILS.throttled,
  unsupported_media_type: () => GATEWAY_DETAILS.encoded,
};

/** The error replies of an operation by status, each with the meanings and an example of its codes. */
export function problemsOf(operation: Operation): Json {
  const statuses = new Set(operation.problems.map((code) => PROBLEM_STATUSES[code]));
  return Object.fromEntries([...statuses].map((status) => [status, problemOf(operation, status)]));
}

function problemOf(operation: Operation, status: number): Json {
  const codes = operation.problems.filter((code) => PROBLEM_STATUSES[code] === status);
  const limit = status === 413 ? `: ${tooLarge(operation.maxBodyBytes)}` : '';
  const lines = codes.map((code) => `- \`${code}\`: ${PROBLEM_MEANINGS[code].meaning}`);
  const examples = codes.map((code) => [code, { value: exampleOf(operation, code) }]);
  return {
    description: [`${STATUS_CODES[status]}${limit}.`, '', ...lines].join('\n'),
    headers: { ...REQUEST_ID, ...(isToTryAgain(status) && RETRY_AFTER) },
    ...(operation.method !== 'HEAD' && {
      content: {
        [PROBLEM_CONTENT_TYPE]: {
          schema: { $ref: '#/components/schemas/Problem' },
          examples: Object.fromEntries(examples) as Json,
        },
      },
    }),
  };
}

function exampleOf(operation: Operation, code: ErrorCode): Json {
  const declared = operation.problemDetails[code];
  const { detail, members } =
    typeof declared === 'object' ? declared : { detail: declared ?? commonDetail(operation, code), members: {} };
  return problemBody(new KeywardError(code, detail), 'example-request-id', members);
}

function commonDetail(operation: Operation, code: ErrorCode): string {
  if (code === 'invalid_request') return faultOf(operation);
  return COMMON_DETAILS[code as Exclude<CommonCode, 'invalid_request'>](operation);
}

/**
 * The `detail` for a request with a typing error in the first name that the operation has, or with an unknown name if it has
 * none.
 */
function faultOf({ request, query, example }: Operation): string {
  try {
    if (request !== undefined) validate(request, misspelled(example.request ?? {}), 'body');
    else validate(query, misspelled(Object.fromEntries(namesOf(query).map((name) => [name, '']))), 'query');
  } catch (thrown) {
    return toKeywardError(thrown).message;
  }
  throw new KeywardError('internal', 'an operation accepts unknown names');
}

function misspelled(fields: object): object {
  const [[name, value] = ['x', ''], ...rest] = Object.entries(fields) as [string, unknown][];
  return { [name.toUpperCase()]: value, ...Object.fromEntries(rest) };
}

const namesOf = (query: z.ZodMiniType): readonly string[] =>
  Object.keys(z.toJSONSchema(query, { io: 'input' }).properties ?? {});
