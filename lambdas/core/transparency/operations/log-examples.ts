import { EXAMPLE_EVENT_ID } from '../../audit/operations/event-id';

const zeros = (bytes: number): string => Buffer.alloc(bytes).toString('base64');

const ORIGIN = '111111111111/keyward/keyward/us-east-1';
const ENTRY = `${EXAMPLE_EVENT_ID} ${zeros(32)}`;
const NOTE = `${ORIGIN}\n1\n${zeros(32)}\n\n— ${ORIGIN} ${zeros(68)}\n— ${ORIGIN}/cosigner ${zeros(76)}\n`;

const region = 'us-east-1';

/** Replies that examples show. Every key and every signature in them is zeros. */
export const LOG_EXAMPLES = {
  checkpoints: {
    checkpoints: [
      {
        region,
        origin: ORIGIN,
        size: 1,
        root: zeros(32),
        note: NOTE,
        cosigned_at: '2026-11-21T09:00:00.000Z',
        log_key: `${ORIGIN}+00000000+${zeros(33)}`,
        cosigner_key: `${ORIGIN}/cosigner+00000000+${zeros(33)}`,
        fault: null,
      },
    ],
    archive_days: 400,
    event_days: 400,
  },
  proof: {
    id: EXAMPLE_EVENT_ID,
    timestamp: '2026-11-21T08:00:01.250Z',
    region,
    origin: ORIGIN,
    index: 0,
    size: 1,
    entry: ENTRY,
    proof: `c2sp.org/tlog-proof@v1\nextra ${zeros(32)}\nindex 0\n\n${NOTE}`,
    event: 'same',
    line: `{"id":"${EXAMPLE_EVENT_ID}","timestamp":"2026-11-21T08:00:01.250Z","nonce":"${zeros(32)}"}`,
  },
  paths: { region, prefix: 'archive/2026-11-21T08/', paths: [`archive/2026-11-21T08/${'0'.repeat(64)}`] },
  publication: { region, finished: true, size: 1, added: 1 },
} as const;
