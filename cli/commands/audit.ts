import { MAX_AUDIT_PAGE } from '../../lambdas/core/contract/limits';
import { AUDIT_FINDINGS } from '../../lambdas/core/transparency/audit-finding';
import { command } from '../command';
import { AUDIT_FILTERS, auditFilters } from './audit-filters';
import { timeOf } from './from-time';
import { PAGING, pageSize } from './paging';

const findings = Object.entries(AUDIT_FINDINGS)
  .map(([kind, meaning]) => `${kind}: ${meaning}.`)
  .join('\n');

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
    summary: 'write all events that match into a file, newest first, or copy the published log into a directory',
    details: `With --out: by default the events of the last 7 days. The file has one event a line, as JSON or as CSV, and mode 0600. It appears when it is complete; until then FILE.part has \
what is there so far. After Ctrl-C or a failure, --resume continues it. In CSV a text that a spreadsheet may take for a formula has a ' \
before it. Each page that is read is an event of the audit log, too.
With --log: DIR gets the log of a region and the archived lines of its events, compressed, for keyward audit verify --offline DIR. What
is there already is not read again: the same command goes on after Ctrl-C, and later copies what is new.`,
    parameters: [],
    required: 0,
    options: {
      out: { type: 'string', isFile: true, shown: '--out FILE', help: 'the file of events', otherwise: 'none' },
      log: {
        type: 'string',
        isFile: true,
        shown: '--log DIR',
        help: 'the directory of the log, with no other option but --log-region',
        otherwise: 'none',
      },
      'log-region': {
        type: 'string',
        shown: '--log-region REGION',
        help: 'the region whose log is copied',
        otherwise: 'the only one that has a log',
      },
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
  command({
    words: ['audit', 'verify'],
    summary: 'verify the published log, its archive and the audit log against each other',
    details: `Checks signatures and cosignatures, that the log continues the checkpoint seen last, that each of its entries has the archived line
to which it commits, and that each event of the audit log is as it was archived. The findings:

${findings}

Without --policy the keys that the first verification saw are trusted; they and the checkpoint seen last are in
~/.local/state/keyward (or below XDG_STATE_HOME). Without an outside witness it says "one account".`,
    parameters: [],
    required: 0,
    options: {
      from: {
        ...AUDIT_FILTERS.from,
        help: `${AUDIT_FILTERS.from.help}; signatures and the tree are verified whole`,
        otherwise: 'all',
      },
      since: AUDIT_FILTERS.since,
      to: AUDIT_FILTERS.to,
      policy: {
        type: 'string',
        isFile: true,
        shown: '--policy FILE',
        help: 'who must have signed, in the format of tlog-policy (C2SP)',
        otherwise: 'the keys of the first verification',
      },
      offline: {
        type: 'string',
        isFile: true,
        shown: '--offline DIR',
        help: 'verify the log of one region in a directory, and make no calls; the audit log itself is not compared',
        otherwise: 'all logs of the service',
      },
      checkpoint: {
        type: 'string',
        isFile: true,
        multiple: true,
        shown: '--checkpoint FILE',
        help: 'a checkpoint that somebody else keeps, such as a witness, which the log must continue; may be repeated',
        otherwise: 'that of the last verification',
      },
      forget: {
        type: 'boolean',
        shown: '--forget',
        help: 'forget the keys of the first verification and the checkpoint seen last: for a log that was made anew',
      },
    },
    work: async () => (await import('./verify-audit')).verifyAuditLog,
  }),
];
