import { KEYS_PATH } from '../../../lambdas/core/transparency/log-keys';
import { readDecidedSize, readLogHead } from '../../../lambdas/core/transparency/read-log-head';
import { auditWorld, COSIGNER, LOG_KEY, policyOf } from './audit-world';
import { ORIGIN } from './publisher-world';

const policy = policyOf(LOG_KEY, COSIGNER);

async function published() {
  const world = auditWorld();
  world.happen(0, 3);
  await world.log.publish();
  return world;
}

test('keys that are none are an edit, and convince nobody of another log', async () => {
  const { files, others } = await published();
  others.set(KEYS_PATH, Buffer.from('no keys'));
  const add = jest.fn();
  const head = await readLogHead({ files, policy, origin: ORIGIN }, { add });
  expect(head?.checkpoint.size).toBe(3);
  expect(add.mock.calls).toEqual([[{ kind: 'edited', fault: 'vkey_form', path: KEYS_PATH }]]);
});

test('what was decided counts only by the signature of a key of the policy', async () => {
  const { files, log } = await published();
  expect(await readDecidedSize(files, policy)).toBe(3);
  expect(await readDecidedSize(files, { ...policy, logs: [] })).toBe(0);
  log.values['state'] = undefined;
  expect(await readDecidedSize(files, policy)).toBe(0);
});
