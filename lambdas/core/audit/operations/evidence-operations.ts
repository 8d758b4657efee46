import * as z from 'zod/mini';
import { isTimestamp } from '../../crypto/record-checks';
import { defineOperation } from '../../http/define-operation';
import type { OperationsOf, Runtime } from '../../http/operation';
import { nullableText, time } from '../../http/reply-values';
import type { RecordEvidence } from '../record-evidence';

const SHA_256 = /^[0-9a-f]{64}$/;

const moment = (description: string) =>
  z
    .string()
    .check(
      z.refine(isTimestamp, 'must be a time in UTC with milliseconds, such as 2026-11-21T09:30:00.000Z'),
      z.meta({ format: 'date-time', description }),
    );

export const EVIDENCE_REQUESTS = {
  EvidenceRequest: z
    .strictObject({
      from: moment('Beginning of the period of the pack.'),
      to: moment('End of the period of the pack.'),
      manifest_sha256: z
        .string()
        .check(
          z.regex(SHA_256),
          z.meta({ description: 'SHA-256 of the list of the hashes of its files, in hexadecimal.' }),
        ),
      events: z.int().check(z.minimum(0), z.meta({ description: 'Number of events that the pack was made of.' })),
    })
    .check(z.refine(({ from, to }) => from <= to, { path: ['from'], error: 'must not be after to' })),
};

export const EVIDENCE_REPLIES = {
  RecordedEvidence: z.object({
    id: z.string().check(z.meta({ description: 'Id of the event.' })),
    timestamp: time,
    user_id: nullableText,
    manifest_sha256: z.string(),
  }),
};

const pack = {
  from: '2026-01-01T00:00:00.000Z',
  to: '2026-12-31T23:59:59.999Z',
  manifest_sha256: '0'.repeat(64),
  events: 37,
};

export const EVIDENCE_OPERATIONS = {
  recordEvidence: defineOperation({
    method: 'POST',
    path: '/v1/audit/evidence',
    function: 'audit',
    grant: 'audit',
    summary: 'Record the hash of a pack of evidence in the audit log',
    description:
      'Appends an event of type `audit_read` with the hash, the period and the number of events: `keyward evidence` sends it when a pack is complete. The event is in the log like any other, so a pack that is changed later no longer fits it. Nothing is signed, and the hash is not checked.',
    request: EVIDENCE_REQUESTS.EvidenceRequest,
    reply: EVIDENCE_REPLIES.RecordedEvidence,
    example: {
      request: pack,
      reply: {
        id: '01a1fd1e90e200112233445566778899',
        timestamp: '2026-11-21T08:00:01.250Z',
        user_id: 'arn:aws:iam::111122223333:user/example',
        manifest_sha256: pack.manifest_sha256,
      },
    },
    handle: async ({ caller, body }, { application }: Runtime<{ readonly recordEvidence: RecordEvidence }>) => ({
      status: 200,
      body: await application.recordEvidence(caller, body),
    }),
  }),
} satisfies OperationsOf<'audit'>;
