import type * as z from 'zod/mini';
import { eventId } from '../../audit/operations/event-id';
import { NO_EVENT } from '../../audit/read-audit-log';
import { SECOND_MS } from '../../contract/time-units';
import { invalidRequest } from '../../errors/errors';
import { defineOperation } from '../../http/define-operation';
import type { OperationsOf, Runtime } from '../../http/operation';
import type { ListCheckpoints, RegionCheckpoint } from '../list-checkpoints';
import type { ListLogObjects } from '../list-log-objects';
import { NO_LOG } from '../log-of';
import { LOG_DAMAGED, NOT_PUBLISHED, type ProveEvent } from '../prove-event';
import { NO_OBJECT, type ReadLogObject } from '../read-log-object';
import { NOT_SIGNED, type RequestPublication } from '../request-publication';
import { formatVerifierKey } from '../verifier-key';
import { LOG_EXAMPLES } from './log-examples';
import { LOG_REPLIES, LOG_REQUESTS, logQuery, proofQuery } from './log-schemas';

export const LOG_OPERATIONS = {
  listCheckpoints: defineOperation({
    method: 'GET',
    path: '/v1/audit/checkpoints',
    function: 'audit',
    grant: 'audit',
    summary: "List the newest checkpoint of each region's log",
    description:
      'A checkpoint is the signed statement of the size and root of a log. Whoever relies on one opens it by a trust policy of his own: the keys in this reply come from the log itself. A region that does not answer has the fault `unavailable`.',
    reply: LOG_REPLIES.Checkpoints,
    problems: { log_not_found: NO_LOG },
    example: { reply: LOG_EXAMPLES.checkpoints },
    handle: async ({ caller }, { application }: Runtime<{ readonly listCheckpoints: ListCheckpoints }>) => {
      const { checkpoints, archiveDays, eventDays } = await application.listCheckpoints(caller);
      const body = {
        checkpoints: checkpoints.map(toCheckpointView),
        archive_days: archiveDays ?? null,
        event_days: eventDays ?? null,
      };
      return { status: 200, body };
    },
  }),
  proveAuditEvent: defineOperation({
    method: 'GET',
    path: '/v1/audit/events/{id}/proof',
    parameters: { id: eventId },
    function: 'audit',
    grant: 'audit',
    summary: 'Prove that an event is in the published log',
    description:
      'The proof holds for the newest checkpoint, which is in it, and can be checked without Keyward. Keep it with `entry` and `line`: the entry is the HMAC-SHA-256 of the line under the nonce, which is the extra data of the proof. Without `region` the log of the event is looked for.',
    query: proofQuery,
    reply: LOG_REPLIES.EventProof,
    problems: {
      audit_event_not_found: NO_EVENT,
      event_not_published: NOT_PUBLISHED,
      log_damaged: LOG_DAMAGED,
      log_not_found: NO_LOG,
    },
    example: { reply: LOG_EXAMPLES.proof },
    handle: async (
      { caller, parameters: { id }, query: { timestamp, region } },
      { application }: Runtime<{ readonly proveEvent: ProveEvent }>,
    ) => {
      const asked = { id, ...(timestamp !== undefined && { timestamp }), ...(region !== undefined && { region }) };
      const { entry, proof, line, ...proved } = await application.proveEvent(caller, asked);
      const texts = {
        entry: entry.toString('latin1'),
        proof: proof.toString('utf8'),
        line: line?.toString('utf8') ?? null,
      };
      return { status: 200, body: { ...proved, ...texts } };
    },
  }),
  readLog: defineOperation({
    method: 'GET',
    path: '/v1/audit/log',
    function: 'audit',
    grant: 'audit',
    summary: 'Read an object of a published log, or list its paths',
    description:
      'With `path` returns a stored object in parts: `checkpoint`, `state`, `keys`, tiles and bundles (`tile/…`), the index (`index/…`), and the lines of archived events (`archive/<hour>/<SHA-256>`, uncompressed). With `prefix` lists paths in their order, page by page. With these, `keyward audit verify` and every tool for C2SP logs can verify a log in full.',
    query: logQuery,
    reply: LOG_REPLIES.LogPartOrPaths,
    problems: { log_not_found: NO_LOG, log_object_not_found: NO_OBJECT },
    example: { reply: LOG_EXAMPLES.paths },
    handle: async (
      { caller, query },
      { application }: Runtime<{ readonly readLogObject: ReadLogObject; readonly listLogObjects: ListLogObjects }>,
    ) => {
      assertOneOf(query);
      const { path, prefix = '', region, offset, after } = query;
      const where = region === undefined ? {} : { region };
      if (path === undefined) {
        const asked = { ...where, prefix, ...(after !== undefined && { after }) };
        const { next, ...listed } = await application.listLogObjects(caller, asked);
        return { status: 200, body: { ...listed, ...(next !== undefined && { next_after: next }) } };
      }
      const { bytes, nextOffset, ...part } = await application.readLogObject(caller, { ...where, path, offset });
      const data = bytes.toString('base64');
      return { status: 200, body: { ...part, data, ...(nextOffset !== undefined && { next_offset: nextOffset }) } };
    },
  }),
  publishLog: defineOperation({
    method: 'POST',
    path: '/v1/audit/log',
    function: 'audit',
    // Operators do not wait for the next hour; whoever reads the audit log changes nothing by it.
    grant: 'rotations',
    summary: 'Publish now what the log of a region does not have yet, or hand it over to new keys',
    description:
      'The log is published every hour in any case. Events of the last minutes may not be in the archive yet, and then are published next time. If publishing takes longer than this call may, the answer is 202: it goes on, and `cosigned_at` of the checkpoint tells when it has ended. `hand-over` makes new keys, lets the old ones hand over to them in an entry of the log, and then publishes under the new ones. It is for local mode: on AWS a deployment makes the keys, and the answer is 400.',
    request: LOG_REQUESTS.LogRequest,
    reply: LOG_REPLIES.Publication,
    statuses: [200, 202],
    problems: { log_damaged: NOT_SIGNED, log_not_found: NO_LOG },
    example: { request: { action: 'publish' }, reply: LOG_EXAMPLES.publication },
    handle: async (
      { caller, body: { action, region: asked } },
      { application }: Runtime<{ readonly requestPublication: RequestPublication }>,
    ) => {
      const { region, published } = await application.requestPublication(caller, {
        handOver: action === 'hand-over',
        ...(asked !== undefined && { region: asked }),
      });
      const result = { size: published?.size ?? null, added: published?.counts.added ?? null };
      return {
        status: published === undefined ? 202 : 200,
        body: { region, finished: published !== undefined, ...result },
      };
    },
  }),
} satisfies OperationsOf<'audit'>;

function toCheckpointView({ region, keys, stored, cosignedAt, fault }: RegionCheckpoint): object {
  return {
    region,
    origin: stored?.checkpoint.origin ?? null,
    size: stored?.checkpoint.size ?? null,
    root: stored?.checkpoint.root.toString('base64') ?? null,
    note: stored?.bytes.toString('utf8') ?? null,
    cosigned_at: cosignedAt === undefined ? null : new Date(cosignedAt * SECOND_MS).toISOString(),
    log_key: keys === undefined ? null : formatVerifierKey(keys.log),
    cosigner_key: keys === undefined ? null : formatVerifierKey(keys.cosigner),
    fault: fault ?? null,
  };
}

type LogQuery = z.output<typeof logQuery>;

/** @throws KeywardError `invalid_request` */
function assertOneOf({ path, prefix, offset, after }: LogQuery): void {
  if ((path === undefined) === (prefix === undefined))
    throw invalidRequest('path or prefix: exactly one must be given');
  if (prefix === undefined && after !== undefined) throw invalidRequest('after: is for a prefix');
  if (path === undefined && offset !== 0) throw invalidRequest('offset: is for a path');
  if (prefix !== undefined && after?.startsWith(prefix) === false) {
    throw invalidRequest('after: must be a path below the prefix');
  }
}
