import { command } from '../command';

/** Commands about the published log of the audit log. */
export const LOG_COMMANDS = [
  command({
    words: ['audit', 'checkpoints'],
    summary: "show the newest checkpoint of each region's published log",
    details: `The size is the number of events that are published. A log is cosigned every hour, also if nothing is new: an older time than
that means that it is not published any more. --json shows the signed notes and the public keys, too.`,
    parameters: [],
    required: 0,
    options: {},
    call: () => ({ method: 'GET', path: '/v1/audit/checkpoints' }),
    shown: () => ({
      kind: 'list',
      member: 'checkpoints',
      columns: [
        { name: 'region', rank: 0, least: 9, usual: 14 },
        { name: 'size', rank: 1, least: 4, usual: 9 },
        { name: 'cosigned_at', rank: 2, least: 20, usual: 24 },
        { name: 'fault', rank: 3, least: 5, usual: 11 },
        { name: 'origin', rank: 4, least: 9, usual: 44, grows: true },
      ],
    }),
  }),
  command({
    words: ['audit', 'proof'],
    summary: 'prove that an event is in the published log',
    details: `Prints the proof (c2sp.org/tlog-proof), which anybody can check without Keyward: docs/evidence.md has a script. With --out it is in
FILE, the archived line of the event in FILE.line and the entry of the log in FILE.entry. The proof has the event's nonce, with which
who knows the line can check the entry, so keep it with the line.`,
    parameters: ['event'],
    required: 1,
    options: {
      out: {
        type: 'string',
        isFile: true,
        shown: '--out FILE',
        help: 'write files, of mode 0600',
        otherwise: 'stdout',
      },
      at: {
        type: 'string',
        member: 'timestamp',
        shown: '--at TIME',
        help: 'time of the event, to the millisecond; needed for an event of an earlier release, whose id does not begin with it',
        otherwise: 'the time with which the id begins',
      },
    },
    work: async () => (await import('./prove-event')).proveEvent,
  }),
  command({
    words: ['audit', 'publish'],
    summary: 'publish now what the log of a region does not have yet',
    details: `The log is published every hour in any case. Follows the publication to its end; Ctrl-C stops following, and it goes on by itself.`,
    parameters: [],
    required: 0,
    options: {
      'log-region': {
        type: 'string',
        shown: '--log-region REGION',
        help: 'the region whose log is published',
        otherwise: 'the region that answers',
      },
      'no-wait': { type: 'boolean', shown: '--no-wait', help: 'return once the publication has started' },
    },
    work: async () => (await import('./publish-log')).publishLog,
  }),
  command({
    words: ['audit', 'hand-over'],
    summary: 'make new keys for the log of a local server, and hand the log over to them',
    details: `The old keys say so in an entry of the log, which keyward audit verify follows, and sign nothing after it. A hand-over that was
interrupted is finished instead. On AWS raise transparency_log.keys in cdk.json and deploy: docs/evidence.md, "Change the log's keys".`,
    parameters: [],
    required: 0,
    options: {
      'no-wait': { type: 'boolean', shown: '--no-wait', help: 'return once the publication has started' },
    },
    work: async () => (await import('./publish-log')).handOverLog,
  }),
];
