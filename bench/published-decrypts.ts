import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { credentialsOf, send } from '../test/integration/local/signed-request';
import { decryptRequests, makeTokens } from './audited-decrypts';
import { cpuMs, endServer, startServer } from './child-process';
import { closedLoop, type Throughput } from './closed-loop';
import { CORES, describeLoad, pinThisProcess } from './cores';
import type { Row } from './row';
import { median } from './statistics';

const ROUNDS = 7;
const ROUND_SECONDS = 2;
const CONNECTIONS = 64;
const TARGET = 0.95;

/**
 * Measures decrypts of a local server while it publishes, against the same without, in turns. Each round with publishing publishes
 * the events of the two rounds before: twice what an hour at this rate would have to.
 */
export async function benchPublishedDecrypts(): Promise<Row[]> {
  pinThisProcess(CORES.load);
  const parent = mkdtempSync(join(tmpdir(), 'keyward-bench-'));
  const home = join(parent, 'data');
  const server = await startServer('keyward', home);
  const { child, port } = server;
  try {
    const tokens = await makeTokens(port, home);
    const publish = async (): Promise<number> => {
      const body = JSON.stringify({ action: 'publish' });
      for (let added = 0; ;) {
        const reply = await send(credentialsOf(home, 'default'), {
          method: 'POST',
          url: `http://127.0.0.1:${port}/v1/audit/log`,
          body,
        });
        if (reply.status !== 200 && reply.status !== 202) throw new Error(`publishing answered ${reply.status}`);
        added += Number(reply.body['added'] ?? 0);
        if (reply.body['finished'] === true) return added;
      }
    };
    const load = async (): Promise<Throughput> =>
      closedLoop({
        port,
        requests: await decryptRequests(port, home, tokens),
        connections: CONNECTIONS,
        seconds: ROUND_SECONDS,
      });
    await load();
    await publish();
    const rounds: { readonly off: Throughput; readonly on: Throughput }[] = [];
    const each: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const before = await cpuMs(child);
      const off = await load();
      each.push(((await cpuMs(child)) - before) / off.answered);
      const [on] = await Promise.all([load(), publish()]);
      rounds.push({ off, on });
    }
    const before = await cpuMs(child);
    const added = await publish();
    const share = ((await cpuMs(child)) - before) / added / median(each);
    const ratios = rounds.map(({ off, on }) => on.perSecond / off.perSecond);
    const latencies = rounds.map(({ off, on }) => on.p99 / off.p99);
    const spread = (values: readonly number[]): string =>
      `${Math.min(...values).toFixed(2)}–${Math.max(...values).toFixed(2)}`;
    const show = (who: 'on' | 'off'): string =>
      `${median(rounds.map((each) => each[who].perSecond)).toFixed(0)}/s, p99 ${median(rounds.map((each) => each[who].p99)).toFixed(1)} ms`;
    return [
      {
        what: 'decrypt/s while publishing / without',
        measured: `${median(ratios).toFixed(2)} ×`,
        spread: spread(ratios),
        target: `≥ ${TARGET}`,
        reached: median(ratios) >= TARGET,
        note: `${show('on')}; without ${show('off')}; ${describeLoad()}`,
      },
      {
        what: 'p99 while publishing / without',
        measured: `${median(latencies).toFixed(2)} ×`,
        spread: spread(latencies),
      },
      {
        what: 'processor time of publishing an event / of its decrypt',
        measured: `${share.toFixed(3)} ×`,
        spread: 'of one run',
        note: 'at the lowest priority, where there are priorities of threads',
      },
    ];
  } finally {
    await endServer(server);
    rmSync(parent, { recursive: true });
  }
}
