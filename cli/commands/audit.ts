import { MAX_AUDIT_PAGE } from '../../lambdas/core/contract/limits';
import { command } from '../command';
import { AUDIT_FILTERS, auditFilters } from './audit-filters';
import { timeOf } from './from-time';
import { PAGING, pageSize } from './paging';

/** Commands that read the audit log. */
export const AUDIT_COMMANDS = [
  command({
    words: ['audit'],
    summary: 'show who did what, newest first; by default the last 7 days',
    parameters: [],
    required: 0,
    options: { ...AUDIT_FILTERS, ...PAGING },
    call: (_, options, place) => ({
      method: 'GET',
      path: '/v1/audit/events',
      query: { ...auditFilters(options, place), ...pageSize(options, MAX_AUDIT_PAGE) },
    }),
    nothing: async () => (await import('./nothing-found')).nothingFound,
    shown: () => ({
      kind: 'list',
      member: 'events',
      columns: [
        { name: 'timestamp', rank: 0, least: 20, usual: 24 },
        { name: 'event_type', rank: 1, least: 7, usual: 19 },
        { name: 'provider', rank: 4, least: 6, usual: 9 },
        { name: 'success', rank: 5, least: 5 },
        // The end of an ARN says who it is.
        { name: 'user_id', rank: 2, least: 9, keeps: 'end', usual: 44, grows: true },
        { name: 'ip_address', rank: 7, usual: 15, spare: true },
        // A part of an id finds nothing.
        { name: 'request_id', rank: 6, usual: 36, spare: true },
        {
          name: 'metadata',
          rank: 3,
          least: 16,
          leads: ['credential', 'operation'],
          follows: ['previous_value'],
          grows: true,
        },
      ],
    }),
  }),
  command({
    words: ['audit', 'show'],
    summary: 'show one event by its id, which audit --json shows',
    parameters: ['event'],
    required: 1,
    options: {
      at: {
        type: 'string',
        member: 'timestamp',
        shown: '--at TIME',
        help: 'time of the event, to the millisecond; needed for an event of an earlier release, whose id does not begin with it',
        otherwise: 'the time with which the id begins',
      },
    },
    call: ([id = ''], options) => {
      const timestamp = timeOf('--at', options.at, 'cut');
      return {
        method: 'GET',
        path: `/v1/audit/events/${id}`,
        ...(timestamp !== undefined && { query: { timestamp } }),
      };
    },
    remedies: { audit_event_not_found: '--at gives the time' },
    shown: () => ({ kind: 'object' }),
  }),
  command({
    words: ['audit', 'export'],
    summary: 'write all events that match into a file, newest first; by default the last 7 days',
    details: `The file has one event a line, as JSON or as CSV, and mode 0600. It appears when it is complete; until then FILE.part has \
what is there so far. After Ctrl-C or a failure, --resume continues it. In CSV a text that a spreadsheet may take for a formula has a ' \
before it. Each page that is read is an event of the audit log, too.`,
    parameters: [],
    required: 0,
    options: {
      out: { type: 'string', isFile: true, shown: '--out FILE', help: 'the file', needed: true },
      csv: { type: 'boolean', shown: '--csv', help: 'CSV (RFC 4180), with a heading, in place of JSON lines' },
      resume: {
        type: 'boolean',
        shown: '--resume',
        help: 'continue an unfinished export to this file, with the filters and the format that it began with',
      },
      force: { type: 'boolean', shown: '--force', help: 'replace the file, or begin an unfinished export anew' },
      ...AUDIT_FILTERS,
    },
    work: async () => (await import('./export-audit')).exportAuditLog,
  }),
];
