import type * as z from 'zod/mini';
import type { ApiMethod } from '../contract/api-calls';
import type { ApiFunction } from '../contract/functions';
import { MAX_BATCH_ITEMS } from '../contract/limits';
import * as queries from './query-schemas';
import * as replies from './reply-schemas';
import * as requests from './request-schemas';

/** One call of the API: what the router, the OpenAPI document and the gateway each need to know of it. */
export interface Route {
  readonly method: ApiMethod;
  /** Segments in braces are parameters: `{provider}`, `{name}`, `{rotation_id}` and `{version}`. */
  readonly path: string;
  /** The function that serves it, and no other does. */
  readonly function: ApiFunction;
  readonly summary: string;
  /** Whether the gateway lets only signed requests through. */
  readonly authenticated: boolean;
  /** Whether a reply carries what was encrypted. */
  readonly plaintext: boolean;
  readonly query: z.ZodMiniType;
  /** Absent: the call takes no body. */
  readonly request?: z.ZodMiniType;
  /** Absent: the reply has no body. */
  readonly reply?: z.ZodMiniType;
  /** Conditional headers that the call takes (RFC 9110 section 13.1). */
  readonly preconditions?: readonly ('if-match' | 'if-none-match')[];
  /** Whether the call takes `Idempotency-Key`. */
  readonly idempotent?: true;
  /** Statuses of success, then those of problems. */
  readonly statuses: readonly number[];
  readonly problems: readonly number[];
}

const provider = '/v1/providers/{provider}' as const;
const credential = `${provider}/credentials/{name}` as const;
const policy = `${provider}/rotation-policy` as const;
const rotation = `${provider}/rotations/{rotation_id}` as const;
const version = `${provider}/versions/{version}` as const;

/** What any authenticated call may answer; 404 stands for a provider or route that does not exist. */
const PROBLEMS = [400, 403, 404, 500, 503] as const;
const PROBLEMS_WITH_BODY = [400, 403, 404, 413, 500, 503] as const;
/** A change of a keyset: what it is in may not allow it, or others keep being faster. */
const PROBLEMS_OF_CHANGE = [400, 403, 404, 409, 500, 503] as const;
const PROBLEMS_OF_CHANGE_WITH_BODY = [400, 403, 404, 409, 413, 500, 503] as const;

/** Every call of the API by its operation id. */
export const ROUTES = {
  encrypt: {
    method: 'POST',
    path: `${provider}/encrypt`,
    function: 'encrypt',
    summary: 'Encrypt a text',
    authenticated: true,
    plaintext: false,
    query: queries.noQuery,
    request: requests.encryptRequest,
    reply: replies.sealedReply,
    statuses: [200],
    problems: PROBLEMS_WITH_BODY,
  },
  encryptBatch: {
    method: 'POST',
    path: `${provider}/encrypt-batch`,
    function: 'encrypt',
    summary: `Encrypt up to ${MAX_BATCH_ITEMS} texts`,
    authenticated: true,
    plaintext: false,
    query: queries.noQuery,
    request: requests.encryptBatchRequest,
    reply: replies.sealedBatchReply,
    statuses: [200],
    problems: PROBLEMS_WITH_BODY,
  },
  decrypt: {
    method: 'POST',
    path: `${provider}/decrypt`,
    function: 'decrypt',
    summary: 'Decrypt a token',
    authenticated: true,
    plaintext: true,
    query: queries.noQuery,
    request: requests.tokenRequest,
    reply: replies.openedReply,
    statuses: [200],
    problems: [400, 403, 404, 409, 413, 500, 503],
  },
  decryptBatch: {
    method: 'POST',
    path: `${provider}/decrypt-batch`,
    function: 'decrypt',
    summary: `Decrypt up to ${MAX_BATCH_ITEMS} tokens`,
    authenticated: true,
    plaintext: true,
    query: queries.noQuery,
    request: requests.tokenBatchRequest,
    reply: replies.openedBatchReply,
    statuses: [200],
    problems: PROBLEMS_WITH_BODY,
  },
  rewrap: {
    method: 'POST',
    path: `${provider}/rewrap`,
    function: 'rewrap',
    summary: 'Move a token to the newest key; the plaintext is not returned',
    authenticated: true,
    plaintext: false,
    query: queries.noQuery,
    request: requests.tokenRequest,
    reply: replies.sealedReply,
    statuses: [200],
    problems: PROBLEMS_WITH_BODY,
  },
  rewrapBatch: {
    method: 'POST',
    path: `${provider}/rewrap-batch`,
    function: 'rewrap',
    summary: `Move up to ${MAX_BATCH_ITEMS} tokens to the newest key`,
    authenticated: true,
    plaintext: false,
    query: queries.noQuery,
    request: requests.tokenBatchRequest,
    reply: replies.sealedBatchReply,
    statuses: [200],
    problems: PROBLEMS_WITH_BODY,
  },
  listCredentials: {
    method: 'GET',
    path: `${provider}/credentials`,
    function: 'credentials',
    summary: "List a provider's stored credentials in the order of their names, without their keys",
    authenticated: true,
    plaintext: false,
    query: queries.listCredentialsQuery,
    reply: replies.credentialListReply,
    statuses: [200],
    problems: PROBLEMS,
  },
  putCredential: {
    method: 'PUT',
    path: credential,
    function: 'credentials',
    summary: 'Store an API key under a name, or replace it',
    authenticated: true,
    plaintext: false,
    query: queries.noQuery,
    request: requests.putCredentialRequest,
    reply: replies.credentialReply,
    preconditions: ['if-match', 'if-none-match'],
    statuses: [200, 201],
    problems: [400, 403, 404, 409, 412, 413, 500, 503],
  },
  describeCredential: {
    method: 'GET',
    path: credential,
    function: 'credentials',
    summary: 'Describe a stored credential, without its key',
    authenticated: true,
    plaintext: false,
    query: queries.credentialQuery,
    reply: replies.credentialReply,
    statuses: [200],
    problems: PROBLEMS,
  },
  deleteCredential: {
    method: 'DELETE',
    path: credential,
    function: 'credentials',
    summary: 'Delete a stored credential',
    authenticated: true,
    plaintext: false,
    query: queries.noQuery,
    preconditions: ['if-match'],
    statuses: [204],
    problems: [400, 403, 404, 409, 412, 500, 503],
  },
  revealCredential: {
    method: 'POST',
    path: `${credential}/reveal`,
    function: 'credentials',
    summary: 'Return a stored API key',
    authenticated: true,
    plaintext: true,
    query: queries.credentialQuery,
    reply: replies.revealedReply,
    statuses: [200],
    problems: PROBLEMS,
  },
  listKeysets: {
    method: 'GET',
    path: '/v1/providers',
    function: 'keys',
    summary: 'List the keysets of all providers, without key material',
    authenticated: true,
    plaintext: false,
    query: queries.noQuery,
    reply: replies.keysetListReply,
    statuses: [200],
    problems: [400, 403, 500, 503],
  },
  describeKeyset: {
    method: 'GET',
    path: provider,
    function: 'keys',
    summary: "Describe a provider's keyset, without key material",
    authenticated: true,
    plaintext: false,
    query: queries.noQuery,
    reply: replies.keysetReply,
    statuses: [200],
    problems: PROBLEMS,
  },
  describeRotationPolicy: {
    method: 'GET',
    path: policy,
    function: 'rotations',
    summary: "Show when a provider's key rotates",
    authenticated: true,
    plaintext: false,
    query: queries.noQuery,
    reply: replies.rotationPolicyReply,
    statuses: [200],
    problems: PROBLEMS,
  },
  changeRotationPolicy: {
    method: 'PUT',
    path: policy,
    function: 'rotations',
    summary: "Set when a provider's key rotates",
    authenticated: true,
    plaintext: false,
    query: queries.noQuery,
    request: requests.rotationPolicyRequest,
    reply: replies.rotationPolicyReply,
    statuses: [200],
    problems: PROBLEMS_OF_CHANGE_WITH_BODY,
  },
  rotate: {
    method: 'POST',
    path: `${provider}/rotate`,
    function: 'rotations',
    summary: "Rotate a provider's key now, or count what a rotation would find",
    authenticated: true,
    plaintext: false,
    query: queries.noQuery,
    request: requests.rotateRequest,
    reply: replies.rotateReply,
    idempotent: true,
    statuses: [200, 202],
    problems: PROBLEMS_OF_CHANGE_WITH_BODY,
  },
  listRotations: {
    method: 'GET',
    path: `${provider}/rotations`,
    function: 'rotations',
    summary: "List a provider's rotations, newest first",
    authenticated: true,
    plaintext: false,
    query: queries.listRotationsQuery,
    reply: replies.rotationListReply,
    statuses: [200],
    problems: PROBLEMS,
  },
  describeRotation: {
    method: 'GET',
    path: rotation,
    function: 'rotations',
    summary: 'Show how far a rotation is',
    authenticated: true,
    plaintext: false,
    query: queries.noQuery,
    reply: replies.rotationReply,
    statuses: [200],
    problems: PROBLEMS,
  },
  abortRotation: {
    method: 'POST',
    path: `${rotation}/abort`,
    function: 'rotations',
    summary: 'Give up a rotation whose new version is not yet the primary',
    authenticated: true,
    plaintext: false,
    query: queries.noQuery,
    reply: replies.rotationReply,
    statuses: [200],
    problems: PROBLEMS_OF_CHANGE,
  },
  scheduleDestruction: {
    method: 'POST',
    path: `${version}/schedule-destruction`,
    function: 'rotations',
    summary: 'Ask for a retired version to be destroyed',
    authenticated: true,
    plaintext: false,
    query: queries.noQuery,
    request: requests.scheduleDestructionRequest,
    reply: replies.versionDestructionReply,
    statuses: [200],
    problems: PROBLEMS_OF_CHANGE_WITH_BODY,
  },
  cancelDestruction: {
    method: 'POST',
    path: `${version}/cancel-destruction`,
    function: 'rotations',
    summary: 'Keep a version that is waiting to be destroyed',
    authenticated: true,
    plaintext: false,
    query: queries.noQuery,
    reply: replies.versionDestructionReply,
    statuses: [200],
    problems: PROBLEMS_OF_CHANGE,
  },
  listVersionCallers: {
    method: 'GET',
    path: `${version}/callers`,
    function: 'audit',
    summary: 'Say who still presents tokens of a version, from the audit log',
    authenticated: true,
    plaintext: false,
    query: queries.versionCallersQuery,
    reply: replies.versionCallersReply,
    statuses: [200],
    problems: PROBLEMS,
  },
  queryAuditEvents: {
    method: 'GET',
    path: '/v1/audit/events',
    function: 'audit',
    summary: 'Read the audit log, newest first; the last 7 days unless asked otherwise',
    authenticated: true,
    plaintext: false,
    query: queries.auditQuery,
    reply: replies.auditPageReply,
    statuses: [200],
    problems: [400, 403, 500, 503],
  },
  checkHealth: {
    method: 'GET',
    path: '/healthz',
    function: 'health',
    summary: 'Say that the process is alive',
    authenticated: false,
    plaintext: false,
    query: queries.noQuery,
    reply: replies.healthReply,
    statuses: [200],
    problems: [400, 500],
  },
  checkReadiness: {
    method: 'GET',
    path: '/readyz',
    function: 'health',
    summary: 'Say whether every provider can encrypt and decrypt and the audit log answers',
    authenticated: true,
    plaintext: false,
    query: queries.noQuery,
    reply: replies.readinessReply,
    statuses: [200],
    problems: [400, 403, 500, 503],
  },
} as const satisfies Readonly<Record<string, Route>>;

export type OperationId = keyof typeof ROUTES;

export const OPERATION_IDS = Object.keys(ROUTES) as OperationId[];
