import * as z from 'zod/mini';
import { AUDIT_EVENT_ID_PATTERN } from '../../contract/names';
import type { PathParameter } from '../../http/path-parameter';
import { queryMoment } from '../../http/query-time';
import { auditEventNotFound } from '../read-audit-log';

/** The id of the event that examples show. */
export const EXAMPLE_EVENT_ID = '01a1fd1e90e200112233445566778899';

/** The id of an event in a path. */
export const eventId: PathParameter = {
  description: 'Id of an event.',
  schema: { type: 'string', pattern: AUDIT_EVENT_ID_PATTERN.source, examples: [EXAMPLE_EVENT_ID] },
  check: (value) => {
    if (!AUDIT_EVENT_ID_PATTERN.test(value)) throw auditEventNotFound();
  },
};

/** The time of that event in a query. */
export const eventTime = z.optional(
  queryMoment('Time of the event, to the millisecond; needed for an event of an earlier release.'),
);
