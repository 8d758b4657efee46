import { KeywardError } from '../../../lambdas/core/errors/errors';
import { formatLogKeys } from '../../../lambdas/core/transparency/log-keys';
import { publish } from '../../../lambdas/core/transparency/publish';
import { signTree } from '../../../lambdas/core/transparency/published-checkpoint';
import { formatNote } from '../../../lambdas/core/transparency/signed-note';
import { testSigner } from '../../doubles/transparency/test-signer';
import { caller, World } from '../../doubles/world';

const REGIONS = ['eu-west-1', 'us-east-1'];
const away = new KeywardError('store_unavailable', 'no answer');

async function publishedWorld() {
  const world = new World();
  const logs = world.publishing(REGIONS);
  await world.application.listKeysets();
  await world.application.queryAuditEvents(caller, { from: '2026-11-20', to: '2026-11-22', limit: 1 });
  logs.archiveAll();
  for (const region of REGIONS) await publish(logs.of(region).publisher());
  const list = async () => {
    const { checkpoints } = await world.application.listCheckpoints(caller);
    return Object.fromEntries(checkpoints.map((each) => [each.region, each]));
  };
  return { world, logs, list, here: logs.of('eu-west-1') };
}

it('shows of each region what its log signed and when it cosigned it, and is a read of the audit log', async () => {
  const { world, list } = await publishedWorld();
  const { 'eu-west-1': here, 'us-east-1': other } = await list();
  expect(here?.stored?.checkpoint).toMatchObject({ origin: '111111111111/keyward/test/eu-west-1', size: 1 });
  expect(other?.stored?.checkpoint).toMatchObject({ origin: '111111111111/keyward/test/us-east-1', size: 0 });
  for (const each of [here, other]) {
    expect(each?.fault).toBeUndefined();
    expect(each?.cosignedAt).toBe(Math.floor(world.clock.now() / 1000));
  }
  expect(world.audit.events.at(-1)).toMatchObject({
    event_type: 'audit_read',
    success: true,
    metadata: { operation: 'list_checkpoints', events: 0 },
  });
  await expect(world.application.listCheckpoints(caller)).resolves.toMatchObject({ archiveDays: 400, eventDays: 90 });
});

it('shows a log that was never published as one without a checkpoint, with its keys if it has them', async () => {
  const world = new World();
  const logs = world.publishing(REGIONS);
  logs.of('us-east-1').keysFile = undefined;
  const { checkpoints } = await world.application.listCheckpoints(caller);
  expect(checkpoints).toEqual([{ region: 'eu-west-1', keys: expect.anything() as unknown }, { region: 'us-east-1' }]);
});

it('names what does not fit, and hides no region for another', async () => {
  const { logs, list, here } = await publishedWorld();
  const { bytes } = here.values.get('checkpoint')!;
  const faultWith = async (checkpoint: Buffer) => {
    here.values.set('checkpoint', { bytes: checkpoint, tag: '' });
    const listed = await list();
    expect(listed['us-east-1']?.fault).toBeUndefined();
    return listed['eu-west-1'];
  };
  expect(await faultWith(Buffer.from('edited'))).toMatchObject({ fault: 'note_form' });
  expect(await faultWith(Buffer.from(bytes.toString().replace('\n1\n', '\nx\n')))).toEqual({
    region: 'eu-west-1',
    keys: expect.anything() as unknown,
    fault: 'checkpoint_size',
  });
  expect(await faultWith(Buffer.from(bytes.toString().replace('\n1\n', '\n2\n')))).toMatchObject({
    fault: 'signature_invalid',
  });
  expect(await faultWith(logs.of('us-east-1').values.get('checkpoint')!.bytes)).toMatchObject({
    fault: 'checkpoint_origin',
  });
  const signers = here.publisher().signers;
  const tree = (await list())['us-east-1']!.stored!.checkpoint;
  const { text, signatures } = await signTree(signers, tree, 1);
  const [ofTheLog, ofTheCosigner] = [[signatures[0]!], [signatures[1]!]];
  expect(await faultWith(formatNote({ text, signatures: ofTheCosigner }))).toMatchObject({
    fault: 'log_signature_missing',
  });
  const uncosigned = await faultWith(formatNote({ text, signatures: ofTheLog }));
  expect([uncosigned?.fault, uncosigned?.cosignedAt, uncosigned?.stored?.checkpoint.size]).toEqual([
    undefined,
    undefined,
    0,
  ]);
});

it('accepts a checkpoint only with the keys beside it', async () => {
  const { list, here } = await publishedWorld();
  here.keysFile = undefined;
  expect((await list())['eu-west-1']).toMatchObject({
    fault: 'signature_missing',
    stored: expect.anything() as unknown,
  });
  here.keysFile = Buffer.from('no keys');
  expect((await list())['eu-west-1']).toMatchObject({ fault: 'vkey_form' });
  const name = here.keys.log.key.name;
  here.keysFile = formatLogKeys({
    log: testSigner(name, 'ed25519', 'another').key,
    cosigner: testSigner(`${name}/cosigner`, 'cosignature', 'another').key,
  });
  expect((await list())['eu-west-1']).toMatchObject({ fault: 'signature_missing' });
});

it('shows a region that does not answer as such; if none answers, the call fails, and a defect is no outage', async () => {
  const { world, logs, list } = await publishedWorld();
  logs.of('us-east-1').failure = away;
  expect(await list()).toMatchObject({ 'eu-west-1': { cosignedAt: expect.any(Number) as number } });
  expect((await list())['us-east-1']).toEqual({ region: 'us-east-1', fault: 'unavailable' });
  logs.of('eu-west-1').failure = away;
  await expect(list()).rejects.toBe(away);
  expect(world.audit.events.at(-1)).toMatchObject({ success: false, metadata: { code: 'store_unavailable' } });
  logs.of('eu-west-1').failure = new TypeError('a defect');
  await expect(list()).rejects.toThrow(TypeError);
});

it('says so where no log is published', async () => {
  const world = new World();
  await expect(world.application.listCheckpoints(caller)).rejects.toMatchObject({ code: 'log_not_found' });
  expect(world.audit.events.at(-1)).toMatchObject({
    metadata: { operation: 'list_checkpoints', code: 'log_not_found' },
  });
});
