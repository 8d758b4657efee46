import * as z from 'zod/mini';
import { KeywardError } from '../../errors/errors';
import { errorCode } from '../../http/error-code';
import { defineOperation } from '../../http/define-operation';
import type { OperationsOf, Runtime } from '../../http/operation';
import { count } from '../../http/reply-values';
import type { CheckReadiness } from '../check-readiness';

export const HEALTH_REPLIES = {
  Health: z.object({ status: z.literal('ok') }),
  Readiness: z.object({
    ready: z.boolean(),
    providers: z.array(z.object({ provider: z.string(), ready: z.boolean(), code: z.optional(errorCode) })),
    audit: z.boolean(),
    dek_cache: z.object({ hits: count, misses: count }),
  }),
};

/** Shared by both methods. The gateway omits the body of a reply to HEAD (RFC 9110 section 9.3.2). */
const ALIVE = {
  path: '/healthz',
  function: 'health',
  grant: 'anyone',
  reply: HEALTH_REPLIES.Health,
  ignoresInput: true,
  description:
    'For load balancers: needs no signature and calls no other service. `/readyz` tells whether Keyward can do its work.',
  example: { reply: { status: 'ok' } },
  handle: () => Promise.resolve({ status: 200, body: { status: 'ok' } }),
} as const;

const PROVIDER_NOT_READY = 'not every provider can encrypt and decrypt';
const AUDIT_NOT_READY = 'the audit log does not answer';

const dekCache = { hits: 41, misses: 1 };

export const HEALTH_OPERATIONS = {
  checkHealth: defineOperation({ ...ALIVE, method: 'GET', summary: 'Report that the process is alive' }),
  checkHealthHead: defineOperation({
    ...ALIVE,
    method: 'HEAD',
    summary: 'Report that the process is alive, by status and headers alone',
  }),
  checkReadiness: defineOperation({
    method: 'GET',
    path: '/readyz',
    function: 'health',
    grant: 'keysets',
    summary: 'Report whether every provider can encrypt and decrypt, and whether the audit log answers',
    description:
      'Unwraps the keys of every provider and reads the audit log. Answers 503 if one of these fails; the problem document then also has the members of the readiness. `code` tells why a provider is not ready.',
    reply: HEALTH_REPLIES.Readiness,
    problemMembers: HEALTH_REPLIES.Readiness,
    ignoresInput: true,
    problems: {
      keys_unavailable: {
        detail: PROVIDER_NOT_READY,
        members: {
          ready: false,
          providers: [{ provider: 'openai', ready: false, code: 'keys_unavailable' }],
          audit: true,
          dek_cache: dekCache,
        },
      },
      audit_unavailable: {
        detail: AUDIT_NOT_READY,
        members: { ready: false, providers: [{ provider: 'openai', ready: true }], audit: false, dek_cache: dekCache },
      },
    },
    example: {
      reply: { ready: true, providers: [{ provider: 'openai', ready: true }], audit: true, dek_cache: dekCache },
    },
    handle: async (_, { application }: Runtime<{ readonly checkReadiness: CheckReadiness }>) => {
      const readiness = await application.checkReadiness();
      if (readiness.ready) return { status: 200, body: readiness };
      const problem = readiness.audit
        ? new KeywardError('keys_unavailable', PROVIDER_NOT_READY)
        : new KeywardError('audit_unavailable', AUDIT_NOT_READY);
      return { problem, members: { ...readiness } };
    },
  }),
} satisfies OperationsOf<'health'>;
