import { VaultDeployment } from './vault-deployment';

/** Vault is restored from a snapshot, as docs/vault.md tells. */

/** The whole path as an operator finds it after a restore: another history, which begins at 1 again. */
function restore(deployment: VaultDeployment, to: { readonly token: string; readonly keyset: string }): void {
  for (const end of ['', '-pending']) {
    const path = deployment.data(end).replace('/data/', '/metadata/');
    deployment.admin('DELETE', path);
    deployment.admin('POST', path, { cas_required: true, max_versions: 10 });
  }
  deployment.admin('POST', deployment.data(), { options: { cas: 0 }, data: { ...to } });
}

test('a snapshot from before a rotation opens nothing, and while it stands no keyset is changed; a newer one opens all', async () => {
  const deployment = new VaultDeployment();
  const deks = deployment.openAll();
  const before = deployment.current();
  await deployment.recover(2);
  const after = deployment.current();
  expect(after.token).not.toBe(before.token);
  const records = () => JSON.stringify(deployment.keysets.map((store) => [...store.records]));
  const stored = records();

  restore(deployment, before);
  expect(() => deployment.openAll()).toThrow();
  for (let hour = 0; hour < 3; hour += 1) await deployment.hour().catch(() => undefined);
  expect(records()).toBe(stored);
  expect(() => deployment.openAll()).toThrow();

  restore(deployment, after);
  expect(deployment.openAll()).toEqual(deks);
  await deployment.hour();
  expect(deployment.openAll()).toEqual(deks);
});

test('a snapshot from after the last rotation opens all, and the next rotation goes on from it', async () => {
  const deployment = new VaultDeployment();
  const deks = deployment.openAll();
  restore(deployment, deployment.current());
  expect(deployment.openAll()).toEqual(deks);
  await deployment.recover(2);
  expect(deployment.openAll()).toEqual(deks);
});
