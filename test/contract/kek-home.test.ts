import type { KekHome } from '../../lambdas/core/contract/kek-homes';
import { keysUnavailable } from '../../lambdas/core/errors/errors';
import { MemoryHomeReporter } from '../doubles/memory-home-reporter';
import { MemoryTable } from '../doubles/stores/memory-table';
import { kekHome, type KekHomeState } from '../doubles/stores/kek-home';
import { kekMoveStore } from '../doubles/stores/kek-move-store';
import type { KekMoveRecord } from '../../lambdas/core/kek-move/kek-move-record';
import { keeps } from './contract';
import { kekHomeReporterContract, type ReporterSituation } from './kek-home-reporter.contract';
import { firstKekVersionContract } from './first-kek-version.contract';
import { kekMoveStoreContract } from './kek-move-store.contract';
import { FIRST_VALUE, kekSecretReplicaContract, kekSecretStoreContract } from './kek-secret-store.contract';
import { faultsOf } from './memory-under-test';
import { pendingKekContract } from './pending-kek.contract';
import { newWriteId } from './random-name';

/** The doubles of the move's tests. */

const REGION = 'us-east-1';

function openEmpty() {
  const rows = new Map<string, KekHomeState>();
  const table = new MemoryTable(rows);
  const rival = kekHome(new MemoryTable(rows), REGION);
  return { port: kekHome(table, REGION), rival, store: rival, region: REGION, faults: faultsOf(table) };
}

async function open() {
  const under = openEmpty();
  const first = newWriteId();
  await under.rival.createFirst(first, FIRST_VALUE);
  return { ...under, first };
}

keeps('kekHome', kekSecretStoreContract, open);
keeps('kekHome', kekSecretReplicaContract, open);
keeps('kekHome', pendingKekContract, open);
keeps('kekHome', firstKekVersionContract, openEmpty);

keeps('kekMoveStore', kekMoveStoreContract, () => {
  const rows = new Map<string, KekMoveRecord>();
  const table = new MemoryTable(rows);
  return {
    port: kekMoveStore(table),
    rival: kekMoveStore(new MemoryTable(rows)),
    faults: faultsOf(table),
    forget: async () => {
      rows.clear();
    },
  };
});

keeps('MemoryHomeReporter', kekHomeReporterContract, () => {
  let situation: ReporterSituation = 'vault';
  const port = new MemoryHomeReporter('ap-south-1', () => {
    if (situation === 'no usable KEK') throw keysUnavailable('kek_missing');
    return situation as KekHome;
  });
  return {
    port,
    become: (other) => {
      situation = other;
      port.down = other === 'does not answer';
    },
  };
});
