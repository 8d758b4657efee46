import * as z from 'zod/mini';
import { eventTime } from '../../audit/operations/event-id';
import { count, nullableText, time } from '../../http/reply-values';
import { optionalMember } from '../../http/request-values';
import { readDecimal } from '../decimal';
import { isLogPath, isLogPrefix } from '../log-path';

const described = (description: string) => z.string().check(z.meta({ description }));

const checkpoint = z.object({
  region: z.string(),
  origin: nullableText,
  size: z.nullable(count),
  root: z.nullable(described('Root of the tree, in base64.')),
  note: z.nullable(described('The signed note, byte for byte (c2sp.org/tlog-checkpoint).')),
  cosigned_at: z.nullable(time),
  log_key: z.nullable(described('Public key that signs the checkpoint, as verifier key (c2sp.org/signed-note).')),
  cosigner_key: z.nullable(described("Public key of the log's own cosigner, as verifier key.")),
  fault: z.nullable(described('Why the note is not what these keys signed, or `unavailable`; null: it is.')),
});

const days = (description: string) => z.nullable(count.check(z.meta({ description })));

const part = z.object({
  region: z.string(),
  path: z.string(),
  size: count.check(z.meta({ description: 'Size of the whole object in bytes.' })),
  sha256: described('SHA-256 of the whole object: the parts of one object have the same.'),
  offset: count,
  data: described('The bytes from `offset` on, in base64.'),
  next_offset: z.optional(count.check(z.meta({ description: 'The `offset` of the next part, if there is one.' }))),
});

const paths = z.object({
  region: z.string(),
  prefix: z.string(),
  paths: z.array(z.string()),
  next_after: z.optional(described('The `after` of the next page. Present if there may be more paths.')),
});

export const LOG_REPLIES = {
  Checkpoints: z.object({
    checkpoints: z.array(checkpoint),
    archive_days: days('Days after which an archived line may be gone; null: never.'),
    event_days: days('Days after which an event may be gone from the audit log; null: never.'),
  }),
  EventProof: z.object({
    id: z.string(),
    timestamp: time,
    region: z.string(),
    origin: z.string(),
    index: count.check(z.meta({ description: 'Place of the entry in the log, from 0.' })),
    size: count.check(z.meta({ description: 'Entries of the log in the checkpoint of the proof.' })),
    entry: described('The entry: the id, and the HMAC of the archived line under its nonce.'),
    proof: described('The proof (c2sp.org/tlog-proof). Its extra data is the nonce of the event.'),
    event: z.enum(['same', 'edited', 'gone']).check(
      z.meta({
        description:
          'Whether the audit log still has the event as it was published. If it was edited, or is gone, the proof has no nonce; the archived line has it.',
      }),
    ),
    line: z.nullable(described('The archived line of the entry, byte for byte; null if `event` is not `same`.')),
  }),
  LogPartOrPaths: z.union([part, paths]),
  Publication: z.object({
    region: z.string(),
    finished: z.boolean().check(z.meta({ description: 'False: the publisher is still at work.' })),
    size: z.nullable(count.check(z.meta({ description: 'Entries of the log now.' }))),
    added: z.nullable(count.check(z.meta({ description: 'Entries that this request added.' }))),
  }),
};

const region = z
  .string()
  .check(
    z.regex(/^[a-z0-9-]{1,32}$/),
    z.meta({ description: 'Region of the log; left out: the region that answers.', examples: ['us-east-1'] }),
  );

export const LOG_REQUESTS = {
  LogRequest: z.strictObject({ action: z.enum(['publish', 'hand-over']), region: optionalMember(region) }),
};

/** The offset of a part in a query. */
const offset = z._default(
  z.pipe(
    z.string().check(
      z.refine((text) => readDecimal(text) !== undefined, 'must be a number of bytes'),
      z.meta({ type: 'integer', minimum: 0, default: 0, description: 'Where the part begins, in bytes.' }),
    ),
    z.transform(Number),
  ),
  0,
);

export const proofQuery = z.strictObject({ timestamp: eventTime, region: z.optional(region) });

export const logQuery = z.strictObject({
  region: z.optional(region),
  path: z.optional(
    z
      .string()
      .check(
        z.refine(isLogPath, 'must be a path of a log'),
        z.meta({ description: 'An object of the log.', examples: ['checkpoint', 'tile/0/000.p/7'] }),
      ),
  ),
  offset,
  prefix: z.optional(
    z
      .string()
      .check(
        z.refine(isLogPrefix, 'must be the beginning of paths of a log and end with a slash'),
        z.meta({ description: 'Lists the paths that begin so.', examples: ['archive/2026-11-27T14/'] }),
      ),
  ),
  after: z.optional(
    z
      .string()
      .check(
        z.refine(isLogPath, 'must be a path of a log'),
        z.meta({ description: 'Only paths after this one: the `next_after` of the page before.' }),
      ),
  ),
});
