import { HOME } from './wired-deployment';

export const REPLICA = 'eu-west-1';
const LAST = 'ap-south-1';

/** One request while something is away, and whom the function asks for what is, in order, each attempt by itself. */
export interface Outage {
  readonly name: string;
  /** The name of an act in acts.ts. */
  readonly act: string;
  readonly region: string;
  /** `<table, secret, queue or function> <region>`: answered with an error of the service. */
  readonly down: readonly string[];
  /** The same: not answered at all. */
  readonly silent?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** By target, the regions asked; attempts at one that fails are two behind the API. */
  readonly asked: Readonly<Record<string, readonly string[]>>;
  readonly status: number;
  readonly code?: string;
}

const HERE_TWICE = [REPLICA, REPLICA];
const HOME_TWICE = [HOME, HOME];
const LAST_TWICE = [LAST, LAST];

/** Written by hand from the design: near, then home, then the rest; what is written at home is asked for nowhere else. */
export const OUTAGES: readonly Outage[] = [
  ...(['encrypt', 'decrypt', 'rewrap', 'revealCredential'] as const).map((act) => ({
    name: `${act}: the region's keysets are away`,
    act,
    region: REPLICA,
    down: [`keysets ${REPLICA}`],
    asked: { keysets: [...HERE_TWICE, HOME] },
    status: 200,
  })),
  {
    name: 'encrypt: the keysets of the region and of home are away',
    act: 'encrypt',
    region: REPLICA,
    down: [`keysets ${REPLICA}`, `keysets ${HOME}`],
    asked: { keysets: [...HERE_TWICE, ...HOME_TWICE, LAST] },
    status: 200,
  },
  {
    name: 'encrypt: all keysets are away',
    act: 'encrypt',
    region: REPLICA,
    down: [`keysets ${REPLICA}`, `keysets ${HOME}`, `keysets ${LAST}`],
    asked: { keysets: [...HERE_TWICE, ...HOME_TWICE, ...LAST_TWICE] },
    status: 503,
    code: 'keys_unavailable',
  },
  {
    name: 'encrypt at home: its keysets are away',
    act: 'encrypt',
    region: HOME,
    down: [`keysets ${HOME}`],
    asked: { keysets: [...HOME_TWICE, REPLICA] },
    status: 200,
  },
  {
    name: 'encrypt: the KEK of the region is away',
    act: 'encrypt',
    region: REPLICA,
    down: [`kek ${REPLICA}`],
    asked: { kek: [...HERE_TWICE, HOME] },
    status: 200,
  },
  {
    name: 'encrypt: the KEK of the region and of home is away',
    act: 'encrypt',
    region: REPLICA,
    down: [`kek ${REPLICA}`, `kek ${HOME}`],
    asked: { kek: [...HERE_TWICE, ...HOME_TWICE, LAST] },
    status: 200,
  },
  {
    name: 'encrypt: no region has the KEK',
    act: 'encrypt',
    region: REPLICA,
    down: [`kek ${REPLICA}`, `kek ${HOME}`, `kek ${LAST}`],
    asked: { kek: [...HERE_TWICE, ...HOME_TWICE, ...LAST_TWICE] },
    status: 503,
    code: 'keys_unavailable',
  },
  {
    name: 'encrypt: another region is asked for the KEK first',
    act: 'encrypt',
    region: REPLICA,
    env: { AWS_SECRETS_REGION: LAST },
    down: [`kek ${LAST}`],
    asked: { kek: [...LAST_TWICE, HOME] },
    status: 200,
  },
  {
    name: 'encrypt: a region that says nothing does not keep the caller waiting',
    act: 'encrypt',
    region: REPLICA,
    down: [],
    silent: [`kek ${REPLICA}`, `keysets ${REPLICA}`],
    asked: { keysets: [...HERE_TWICE, HOME], kek: [...HERE_TWICE, HOME] },
    status: 200,
  },
  ...(['encrypt', 'decrypt', 'decryptBatch', 'rewrap', 'revealCredential'] as const).map((act) => ({
    name: `${act}: the audit log of the region is away`,
    act,
    region: REPLICA,
    down: [`audit ${REPLICA}`],
    asked: { audit: HERE_TWICE },
    status: 503,
    code: 'audit_unavailable',
  })),
  {
    name: 'decrypt: a version that the region does not know is asked for at home, which has the last word',
    act: 'decrypt, of a version to come',
    region: REPLICA,
    down: [],
    asked: { keysets: [REPLICA, REPLICA, HOME] },
    status: 400,
    code: 'decryption_failed',
  },
  {
    name: 'decrypt: a version that the region does not know, while home is away',
    act: 'decrypt, of a version to come',
    region: REPLICA,
    down: [`keysets ${HOME}`],
    asked: { keysets: [REPLICA, REPLICA, ...HOME_TWICE, LAST] },
    status: 503,
    code: 'keys_unavailable',
  },
  {
    name: 'putCredential: the keysets of home are away',
    act: 'putCredential',
    region: REPLICA,
    down: [`keysets ${HOME}`],
    asked: { keysets: [REPLICA, ...HOME_TWICE] },
    status: 503,
    code: 'keys_unavailable',
  },
  {
    name: 'putCredential: the credentials of home are away',
    act: 'putCredential',
    region: REPLICA,
    down: [`credentials ${HOME}`],
    asked: { credentials: HOME_TWICE },
    status: 503,
    code: 'store_unavailable',
  },
  {
    name: 'describeCredential: the credentials of the region are away',
    act: 'describeCredential',
    region: REPLICA,
    down: [`credentials ${REPLICA}`],
    asked: { credentials: HERE_TWICE },
    status: 503,
    code: 'store_unavailable',
  },
  {
    name: 'rotate: the KEK of home is away',
    act: 'rotate, dry',
    region: REPLICA,
    down: [`kek ${HOME}`],
    asked: { kek: [...HOME_TWICE, REPLICA] },
    status: 200,
  },
  {
    name: 'rotate: the keysets of home are away',
    act: 'rotate, dry',
    region: REPLICA,
    down: [`keysets ${HOME}`],
    asked: { keysets: HOME_TWICE },
    status: 503,
    code: 'store_unavailable',
  },
];
