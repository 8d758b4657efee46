import { KEK_STEP_MS } from '../../lambdas/core/contract/function-times';
import type { KekSource } from '../../lambdas/core/contract/environment';
import {
  LOOKING_ROTATOR_POLICY,
  makeRotator,
  preparePaths,
  startVaultUnderTest,
  type Rotator,
  type VaultUnderTest,
} from '../contract/vault/vault-under-test';
import { proxyEvent } from './bundles/bundled-deployment';
import { actNamed, KEY, type Notes } from './wiring/acts';
import { REPLICA } from './wiring/outages';
import { startRegionVaults, type RegionVaults } from './wiring/region-vaults';
import { sqsEvent } from './wiring/sqs-event';
import { useBundles } from './wiring/use-bundles';
import { answerOf, HOME, KEK_INTERVAL_DAYS, REGIONS, signer, WiredDeployment } from './wiring/wired-deployment';

/**
 * The functions as they are deployed, in three regions, while the KEK moves from Secrets Manager to Vault and back: each step as
 * operators and schedules take it, and what a rotation does that is asked for meanwhile.
 */

const DAY_MS = 86_400_000;
/** A timeout for a busy machine. */
const LONG_MS = 600_000;
const SECRET = 'vault/keyward';
const KEK = 'keyward/kek';
const CREATE = { RequestType: 'Create', ResourceProperties: { ServiceToken: 'x' }, LogicalResourceId: 'x' };
const BEGIN = { keyward: 'rotate-kek', begin: true };
const NOTES: Notes = { provider: 'openai', token: '', rotation: '' };

/** infra/stacks/kek-in-vault.test.ts asks whether the functions may. */
const ADVANCES = [
  'describes kek us-east-1',
  ...[...REGIONS].sort().map((region) => `invokes prove-keyset ${region}`),
  'reads kek us-east-1',
  'reads now keysets us-east-1',
  'reads now rotations us-east-1',
  `reads ${SECRET} us-east-1`,
];
const BEGINS = [
  'invokes rotate-kek us-east-1',
  'reads now rotations us-east-1',
  `writes audit ${REPLICA}`,
  'writes rotations us-east-1',
];

const bundles = useBundles();
let vault: VaultUnderTest;
let rotator: Rotator;
let wired: WiredDeployment;
let regional: RegionVaults;
let variables: Readonly<Record<string, string>>;

beforeEach(async () => {
  vault = await startVaultUnderTest();
  rotator = await makeRotator(vault, { policy: LOOKING_ROTATOR_POLICY });
  await preparePaths(vault, rotator);
  regional = await startRegionVaults(vault.address, REGIONS);
  variables = {
    VAULT_ADDR: regional.pairs,
    VAULT_KEK_PATH: rotator.kekPath,
    VAULT_ROLE_ID: rotator.roleId,
    VAULT_SECRET_ID_SECRET: SECRET,
    KEYWARD_ROTATE_KEK_FUNCTION: 'keyward-rotate-kek',
    KEYWARD_PROVE_KEYSET_FUNCTION: 'keyward-prove-keyset',
  };
  wired = await WiredDeployment.start(bundles(), {});
  await wired.createSecret(SECRET, await rotator.newSecretId());
}, LONG_MS);
afterEach(async () => {
  await wired.close();
  await regional.close();
  await vault.close();
});

/** Sets the variables as a deployment with `kek: {provider, moving_from}` does. */
function deploy(provider: KekSource, movingFrom?: KekSource): void {
  const homes = [provider, movingFrom];
  wired.kek = {
    SECRETS_PROVIDER: provider,
    ...(movingFrom !== undefined && { KEYWARD_KEK_MOVING_FROM: movingFrom }),
    ...(homes.includes('aws') && { KEYWARD_KEK_SECRET: KEK }),
    ...(homes.includes('vault') && variables),
  };
}

const serve = (name: string, region: string) => wired.serve(actNamed(name), region, NOTES);
/** An operator's command, in some region, and what rotate-kek does for it. */
const move = async (body: object, region: string = HOME) => {
  const reply = answerOf(await wired.invoke('rotations', region, proxyEvent('POST', '/v1/kek/move', body)));
  await wired.settled();
  return reply;
};
const sweep = async (): Promise<void> => {
  await wired.invoke('sweep', HOME, { keyward: 'sweep' });
  await wired.settled();
};
const inSecretsManager = (): { id: string; value: string } => {
  const { VersionId, SecretString } = wired.secrets.service.call('GetSecretValue', HOME, { SecretId: KEK });
  return { id: String(VersionId), value: String(SecretString) };
};
const inVault = async (): Promise<{ id: string; value: string } | undefined> => {
  const { status, body } = await vault.admin('GET', `${rotator.mount}/data/keyward/kek`);
  const data = body.data?.['data'] as { token: string; keyset: string } | undefined;
  return status === 404 || data === undefined ? undefined : { id: data.token, value: data.keyset };
};
/** What a function asked for, of AWS. */
const madeSince = (mark: number, name: string, region: string): readonly string[] =>
  [
    ...new Set(
      wired.aws.calls
        .slice(mark)
        .filter(({ by }) => by === signer(name, region))
        .map((call) => `${call.verb} ${call.target} ${call.region}`),
    ),
  ].sort();
const vaultsAsked = (): readonly string[] => [...new Set(regional.asked.splice(0))].sort();
const kekMessages = (): readonly string[] => wired.sqs.bodies.filter((body) => body.includes('kek_id'));
async function opensEverywhere(): Promise<void> {
  for (const region of REGIONS) {
    expect([region, await serve('decrypt', region)]).toMatchObject([region, { status: 200, body: { plaintext: KEY } }]);
  }
}
async function moved(from: KekSource, to: KekSource): Promise<void> {
  expect(await move({ action: 'begin', from, to })).toMatchObject({ status: 200, body: { state: 'copying' } });
  wired.aheadMs += KEK_STEP_MS;
  // Nobody has to ask: the sweep goes on with it.
  await sweep();
  expect(await move({ action: 'begin', from, to })).toMatchObject({ status: 200, body: { state: 'switched' } });
  expect(await move({ action: 'finish' })).toMatchObject({ status: 200, body: { state: 'finished', waiting_for: [] } });
}

test(
  'from Secrets Manager to Vault and back, with rotations that are asked for in between',
  async () => {
    deploy('aws');
    await wired.createKekSecret();
    await wired.invoke('bootstrap', HOME, CREATE);
    NOTES.token = String((await serve('encrypt', HOME)).body['ciphertext']);
    const first = inSecretsManager();
    expect(await move({ action: 'begin', from: 'aws', to: 'vault' })).toMatchObject({ status: 409 });

    // Both are configured, and no move stands: the old home serves, and Vault is not asked.
    deploy('vault', 'aws');
    vaultsAsked();
    await opensEverywhere();
    expect(vaultsAsked()).toEqual([]);

    const mark = wired.aws.calls.length;
    const begun = await move({ action: 'begin', from: 'aws', to: 'vault' }, REPLICA);
    expect(madeSince(mark, 'rotate-kek', HOME)).toEqual(ADVANCES);
    expect(madeSince(mark, 'rotations', REPLICA)).toEqual(BEGINS);
    expect(begun).toMatchObject({ status: 200, body: { state: 'copying', waiting_for: [] } });
    expect(Date.parse(String(begun.body['switch_after']))).toBeGreaterThan(Date.now() + KEK_STEP_MS / 2);
    expect(await inVault()).toEqual(first);
    // Each region has proved the copy with its own Vault, and the old home serves.
    expect(vaultsAsked()).toEqual([...REGIONS].sort());
    await opensEverywhere();
    expect(vaultsAsked()).toEqual([]);

    // The row is away: who never read it reads the old home, and whoever writes waits.
    wired.aws.fault = ({ target }) => (target === 'rotations' ? 'error' : undefined);
    await opensEverywhere();
    await expect(wired.invoke('rotate-kek', HOME, BEGIN)).rejects.toThrow('rotate-kek failed');
    expect(await wired.invoke('rewrap-deks', HOME, sqsEvent(kekMessages()))).toMatchObject({
      batchItemFailures: [{ itemIdentifier: 'message-0' }],
    });
    wired.aws.fault = () => undefined;

    // No keyset is rewrapped, and none is made.
    expect(await wired.invoke('rewrap-deks', HOME, sqsEvent(kekMessages()))).toMatchObject({
      batchItemFailures: [{ itemIdentifier: 'message-0' }],
    });
    const more = { KEYWARD_PROVIDERS: 'openai,google,anthropic,mistral' };
    await expect(wired.invoke('bootstrap', HOME, CREATE, more)).rejects.toThrow('mistral');

    // No KEK rotates: not by Secrets Manager's schedule, by request, or because it is overdue.
    wired.sqs.bodies.length = 0;
    await wired.rotateKek();
    expect(wired.output).toContain('the KEK is being moved from aws to vault');
    await expect(wired.invoke('rotate-kek', HOME, BEGIN)).rejects.toThrow('rotate-kek failed');
    expect((await serve('rotateKek', HOME)).status).toBe(409);
    expect(inSecretsManager()).toEqual(first);
    expect(await inVault()).toEqual(first);
    expect(kekMessages()).toEqual([]);

    // The time is over, but a region does not reach its Vault.
    wired.aheadMs += KEK_STEP_MS;
    regional.cutOff.add(REPLICA);
    await move({ action: 'begin', from: 'aws', to: 'vault' });
    expect(await move({ action: 'begin', from: 'aws', to: 'vault' })).toMatchObject({
      status: 200,
      body: { state: 'copying', waiting_for: expect.arrayContaining([REPLICA]) as unknown },
    });
    expect(wired.output).toContain('a region does not open every keyset with the copied KEK');
    regional.cutOff.clear();
    wired.aheadMs += (KEK_INTERVAL_DAYS + 1) * DAY_MS;
    await sweep();
    expect(wired.output).toContain('the KEK is due for its rotation, which waits for the end of a move');
    expect(await move({ action: 'begin', from: 'aws', to: 'vault' })).toMatchObject({ body: { state: 'switched' } });

    // Vault serves; a region without it reads the old home, and the move does not end.
    vaultsAsked();
    await opensEverywhere();
    expect(vaultsAsked()).toEqual([...REGIONS].sort());
    regional.cutOff.add(REPLICA);
    await opensEverywhere();
    expect(await move({ action: 'finish' })).toMatchObject({ body: { state: 'switched', waiting_for: [REPLICA] } });
    regional.cutOff.clear();
    expect(await move({ action: 'finish' })).toMatchObject({ body: { state: 'finished', waiting_for: [] } });

    // Now the overdue rotation runs, in Vault.
    await sweep();
    const second = await inVault();
    expect(second?.id).not.toBe(first.id);
    expect(kekMessages()).toHaveLength(1);
    expect(await wired.invoke('rewrap-deks', HOME, sqsEvent(kekMessages()))).toEqual({ batchItemFailures: [] });
    deploy('vault');
    await opensEverywhere();

    // A home that was left behind changes nothing, whatever is deployed.
    deploy('aws');
    await wired.rotateKek();
    expect(wired.output).toContain('the KEK was moved: its home is vault, and aws is configured');
    expect(inSecretsManager()).toEqual(first);

    deploy('aws', 'vault');
    await moved('vault', 'aws');
    expect(inSecretsManager()).toEqual(second);
    deploy('aws');
    vaultsAsked();
    await opensEverywhere();
    expect(vaultsAsked()).toEqual([]);
    await wired.rotateKek();
    expect(inSecretsManager().id).not.toBe(second?.id);
    await opensEverywhere();
    expect(wired.output).not.toContain('material');
  },
  LONG_MS,
);

test(
  'from Vault into a new secret; a secret of another installation is left as it is; and back by an abort',
  async () => {
    deploy('vault');
    await wired.invoke('bootstrap', HOME, CREATE);
    await wired.settled();
    await wired.invoke('bootstrap', HOME, CREATE);
    NOTES.token = String((await serve('encrypt', HOME)).body['ciphertext']);
    const kek = await inVault();

    await wired.createSecret(KEK, "somebody else's");
    const other = inSecretsManager();
    deploy('aws', 'vault');
    expect(await move({ action: 'begin' })).toMatchObject({ status: 200, body: { state: 'copying' } });
    expect(inSecretsManager()).toEqual(other);
    expect(wired.output).toContain('aws holds something that is not an earlier state of this KEK');
    await opensEverywhere();
    expect(await move({ action: 'abort' })).toMatchObject({ body: { state: 'aborted', waiting_for: [] } });
    expect(await inVault()).toEqual(kek);

    // What a new deployment makes.
    await wired.putSecret(KEK, '{"schema":1}');
    await moved('vault', 'aws');
    expect(inSecretsManager()).toEqual(kek);
    deploy('aws');
    vaultsAsked();
    await opensEverywhere();
    expect(vaultsAsked()).toEqual([]);
  },
  LONG_MS,
);
