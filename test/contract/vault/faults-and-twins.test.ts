import { randomUUID } from 'node:crypto';
import { CreateSecretCommand, PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { createSecretsManagerClient } from '../../../lambdas/adapters/aws/secrets-manager/secrets-manager-client';
import { SecretsManagerKekStore } from '../../../lambdas/adapters/aws/secrets-manager/secrets-manager-kek-store';
import { SecretsManagerSecretsProvider } from '../../../lambdas/adapters/aws/secrets-manager/secrets-manager-secrets-provider';
import type { VaultAccess } from '../../../lambdas/adapters/vault/kek-paths';
import { VaultKekStore } from '../../../lambdas/adapters/vault/vault-kek-store';
import { createVaultSecretsProvider } from '../../../lambdas/adapters/vault/vault-secrets-provider';
import type { KeywardError } from '../../../lambdas/core/errors/errors';
import type { KekSecretReplica, KekSecretStore } from '../../../lambdas/core/kek-rotation/ports/kek-secret-store';
import type { SecretsProvider } from '../../../lambdas/core/keysets/ports/secrets-provider';
import { AMPLE, AMPLE_MS } from '../../ample-limits';
import { CountingMetrics, TestClock } from '../../doubles/memory-ports';
import { RecordingFailures } from '../../doubles/recording-failures';
import { RecordingLogger } from '../../doubles/recording-logger';
import type { FaultEffect } from '../../doubles/secrets-manager/faults';
import { startSecretsManager, type RunningSecretsManager } from '../../doubles/secrets-manager/start-secrets-manager';
import { startVault, type RunningVault } from '../../doubles/vault/start-vault';
import { newWriteId } from '../random-name';
import { idOf, nextSecret } from '../secrets-provider.contract';
import { doubleUnderTest, makeRotator, openFor, type VaultUnderTest } from './vault-under-test';

/**
 * Each fault of Vault beside its twin of Secrets Manager: whoever reads the KEK and whoever rotates it are told the same by both
 * adapters. Those that a real server can be brought to are also in test/integration/vault-faults.
 */

const NAME = 'keyward/kek';
const REGION = 'us-east-1';
const MINUTE_MS = 60_000;
/** Of a call that gets no answer; the others have all the time that a busy machine needs. */
const SHORT_MS = 1_000;

let vault: RunningVault;
let secretsManager: RunningSecretsManager;
beforeEach(async () => {
  [vault, secretsManager] = await Promise.all([startVault(), startSecretsManager()]);
});
afterEach(() => Promise.all([vault.close(), secretsManager.close()]));

/** What a process sees of the KEK that it reads, with and without a copy in memory, and what the rotation sees. */
interface Seen {
  readonly reader: string;
  readonly unusable: number;
  readonly withCopy: string;
  readonly store: string;
}

interface Side {
  readonly provider: (metrics: CountingMetrics, clock: TestClock) => SecretsProvider;
  readonly store: KekSecretStore & KekSecretReplica;
}

const said = (thrown: unknown): string => {
  const { code, reason, outside } = thrown as KeywardError;
  return [code, ...(reason === undefined ? [] : [reason]), ...(outside === undefined ? [] : [outside.kind])].join(' ');
};

/** The reader's answer has no kind: what matters to it is why there is no KEK. */
const reasonOf = (thrown: unknown): string => `${(thrown as KeywardError).code} ${(thrown as KeywardError).reason}`;

async function seenBy({ provider, store }: Side, break_: () => unknown): Promise<Seen> {
  const [clock, metrics] = [new TestClock(), new CountingMetrics()];
  const warm = provider(new CountingMetrics(), clock);
  await warm.current();
  await break_();
  clock.time += 6 * MINUTE_MS;
  const reader = await provider(metrics, clock)
    .current()
    .then(() => 'served', reasonOf);
  const withCopy = await warm.current().then(() => 'served', reasonOf);
  const ofStore = await store.current().then(() => 'served', said);
  return { reader, unusable: metrics.of('kek_unusable'), withCopy, store: ofStore };
}

interface VaultSide extends Side {
  readonly path: string;
  readonly under: VaultUnderTest;
  readonly role: string;
  readonly access: VaultAccess;
}

async function openVaultSide(timeoutMs = AMPLE_MS): Promise<VaultSide> {
  const under = doubleUnderTest(vault);
  const rotator = await makeRotator(under);
  const { access } = await openFor(under, rotator, new TestClock(), REGION, timeoutMs);
  const store = new VaultKekStore(access);
  await store.createFirst(newWriteId(), nextSecret());
  const logger = new RecordingLogger();
  return {
    store,
    under,
    access,
    role: rotator.role,
    path: rotator.kekPath.replace('/', '/data/'),
    provider: (metrics, clock) =>
      createVaultSecretsProvider({ regions: [access], clock, metrics, logger, regionTimeoutMs: timeoutMs }),
  };
}

async function openTwin(timeoutMs = AMPLE_MS): Promise<Side & { readonly put: (value: string) => Promise<unknown> }> {
  const client = createSecretsManagerClient({
    ...AMPLE,
    requestTimeoutMs: timeoutMs,
    maxAttempts: 1,
    failures: new RecordingFailures(),
    region: REGION,
    endpoint: secretsManager.endpoint,
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'example-not-a-secret' },
  });
  await client.send(new CreateSecretCommand({ Name: NAME, SecretString: nextSecret() }));
  const logger = new RecordingLogger();
  return {
    store: new SecretsManagerKekStore({ client, secretId: NAME, region: REGION }),
    provider: (metrics, clock) =>
      new SecretsManagerSecretsProvider({
        secretId: NAME,
        regions: [{ region: REGION, client }],
        clock,
        metrics,
        logger,
        regionTimeoutMs: timeoutMs,
      }),
    put: (SecretString) =>
      client.send(new PutSecretValueCommand({ SecretId: NAME, SecretString, ClientRequestToken: randomUUID() })),
  };
}

type OnVault = (side: VaultSide) => unknown;
type OnTwin = (side: Awaited<ReturnType<typeof openTwin>>) => unknown;

const OUTAGE: Seen = {
  reader: 'keys_unavailable no_region_answered',
  unusable: 0,
  withCopy: 'served',
  store: 'store_unavailable outage',
};
const REFUSED: Seen = { ...OUTAGE, store: 'store_unavailable refused' };
const DENIED: Seen = { ...OUTAGE, store: 'store_unavailable denied' };

const answers =
  (status: number, body: object = { errors: [] }): OnVault =>
  () => {
    vault.fault = ({ path }) => (path.includes('/data/') ? { reply: { status, body } } : undefined);
  };
const fails =
  (effect: FaultEffect): OnTwin =>
  () => {
    secretsManager.faults.plant({ effect });
  };
const named = (name: string, status: number): OnTwin => fails({ kind: 'fail', name, status });
const gone = named('ResourceNotFoundException', 400);
const internal = named('InternalServiceError', 500);
const throttled = fails({ kind: 'throttle' });

const replace =
  (data: object): OnVault =>
  ({ path, under }) =>
    under.admin('POST', path, { options: { cas: 1 }, data });

/** Secrets Manager says that there is none, Vault shows the version without its value: nothing is abandoned in either case. */
const MISSING: Seen = { ...OUTAGE, reader: 'keys_unavailable kek_missing', unusable: 1 };
const MISSING_TWIN: Seen = { ...MISSING, store: 'store_unavailable refused' };
const DAMAGED: Seen = { ...OUTAGE, reader: 'keys_unavailable kek_damaged', unusable: 1, store: 'served' };

interface Row {
  readonly fault: string;
  readonly onVault: OnVault;
  readonly twin: string;
  readonly onTwin: OnTwin;
  readonly seen: Seen;
  /** Left out: the same. */
  readonly ofTwin?: Seen;
  readonly timeoutMs?: number;
}

const ROWS: readonly Row[] = [
  {
    fault: 'the current version is deleted',
    onVault: ({ path, under }) => under.admin('DELETE', path),
    twin: 'AWSCURRENT is on no version',
    onTwin: gone,
    seen: MISSING,
    ofTwin: MISSING_TWIN,
  },
  {
    fault: 'the current version is destroyed',
    onVault: ({ path, under }) => under.admin('POST', path.replace('/data/', '/destroy/'), { versions: [1] }),
    twin: 'the secret is gone',
    onTwin: gone,
    seen: MISSING,
    ofTwin: MISSING_TWIN,
  },
  {
    fault: 'another writer has put an entry there whose value is no KEK secret',
    onVault: replace({ token: 'a'.repeat(32), keyset: '{"schema":1,"keys":7}' }),
    twin: 'another writer has put a value that is no KEK secret',
    onTwin: ({ put }) => put('{"schema":1,"keys":7}'),
    seen: DAMAGED,
  },
  {
    fault: 'sealed (503)',
    onVault: answers(503, { errors: ['Vault is sealed'] }),
    twin: 'an internal error',
    onTwin: internal,
    seen: OUTAGE,
  },
  { fault: 'in maintenance (503)', onVault: answers(503), twin: 'an internal error', onTwin: internal, seen: OUTAGE },
  {
    fault: 'a standby by its health check (429)',
    onVault: answers(429),
    twin: 'throttled',
    onTwin: throttled,
    seen: OUTAGE,
  },
  {
    fault: 'a standby that redirects (307)',
    onVault: answers(307),
    twin: 'an internal error',
    onTwin: internal,
    seen: OUTAGE,
  },
  {
    fault: 'a replica for disaster recovery (472)',
    onVault: answers(472),
    twin: 'an internal error',
    onTwin: internal,
    seen: OUTAGE,
  },
  {
    fault: 'a performance standby (473)',
    onVault: answers(473),
    twin: 'an internal error',
    onTwin: internal,
    seen: OUTAGE,
  },
  {
    fault: 'a rate limit quota (429)',
    onVault: answers(429, { errors: ['request path "x": rate limit quota exceeded'] }),
    twin: 'throttled',
    onTwin: throttled,
    seen: OUTAGE,
  },
  {
    fault: 'a proxy that has no backend (502)',
    onVault: answers(502),
    twin: 'a bad gateway',
    onTwin: named('ServiceUnavailable', 502),
    seen: OUTAGE,
  },
  {
    fault: 'no connection',
    onVault: () => {
      vault.fault = () => 'refuse';
    },
    twin: 'no connection',
    onTwin: fails({ kind: 'refuse' }),
    seen: OUTAGE,
  },
  {
    fault: 'no answer',
    onVault: () => {
      vault.fault = () => 'hang';
    },
    twin: 'no answer',
    onTwin: fails({ kind: 'hang' }),
    seen: OUTAGE,
    timeoutMs: SHORT_MS,
  },
  {
    fault: 'an answer that is cut off',
    onVault: () => {
      vault.fault = () => 'drop_answer';
    },
    twin: 'an answer that is cut off',
    onTwin: fails({ kind: 'drop_answer' }),
    seen: OUTAGE,
  },
  {
    fault: 'a policy that was changed (403)',
    onVault: ({ under, role }) => under.admin('POST', `sys/policies/acl/${role}`, { policy: '' }),
    twin: 'a policy that was changed',
    onTwin: named('AccessDeniedException', 400),
    seen: DENIED,
  },
  {
    fault: 'an invalid request (400)',
    onVault: answers(400),
    twin: 'an invalid request',
    onTwin: named('InvalidParameterException', 400),
    seen: REFUSED,
  },
];

test.each(ROWS)('$fault, as: $twin', async ({ onVault, onTwin, seen, ofTwin = seen, timeoutMs }) => {
  const [side, twin] = [await openVaultSide(timeoutMs), await openTwin(timeoutMs)];
  expect(await seenBy(side, () => onVault(side))).toEqual(seen);
  expect(await seenBy(twin, () => onTwin(twin))).toEqual(ofTwin);
});

test('a replica that lags, as one of Secrets Manager: it replaces no newer copy, and home is asked', async () => {
  const [home, replica] = [await openVaultSide(), await openVaultSide()];
  const older = (await replica.store.current()).value;
  const newer = nextSecret(older);
  await home.under.admin('POST', home.path, { options: { cas: 1 }, data: { token: newWriteId(), keyset: newer } });
  const [clock, metrics, logger] = [new TestClock(), new CountingMetrics(), new RecordingLogger()];
  const provider = createVaultSecretsProvider({
    regions: [replica.access, home.access],
    clock,
    metrics,
    logger,
    regionTimeoutMs: AMPLE_MS,
  });
  expect((await provider.current()).primary.id).toBe(idOf(older));
  expect((await provider.refresh()).primary.id).toBe(idOf(newer));
  clock.time += 6 * MINUTE_MS;
  expect((await provider.current()).primary.id).toBe(idOf(newer));
  expect(logger.lines).toMatchObject([{ level: 'warn', message: 'a region returned an older KEK secret' }]);
});

test('another writer has put something that is no entry: as a value that is no KEK secret, and the rotation stops', async () => {
  const side = await openVaultSide();
  const seen = await seenBy(side, () => replace({ password: 'of another program' })(side));
  expect(seen).toEqual({ ...DAMAGED, store: 'store_unavailable outage' });
});
