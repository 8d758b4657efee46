import { LOCAL_REGION } from '../../lambdas/core/contract/local-mode';
import { print, Tally } from '../e2e/tally';
import { NotAvailable } from '../install-from-pypi';
import { LocalProcess, temporaryHome } from '../integration/local/local-process';
import { credentialsOf } from '../integration/local/signed-request';
import { ClientProcess } from './client-process';
import { CLIENTS, type Client, type Command } from './clients';
import { STEPS, type StepName } from './scenario';

/**
 * Clients that sign by themselves, as they are published, each at the same calls to a real `npm start`: what an ordinary client
 * sends by default gets through. What cannot be installed here is SKIPPED.
 */

const NAMES = Object.keys(STEPS) as StepName[];
const rows: string[] = [];

async function tryClient(client: Client, command: Command, served: LocalProcess, tally: Tally): Promise<void> {
  const right = credentialsOf(served.home, 'default');
  const asOwner = new ClientProcess(command, right, LOCAL_REGION);
  const asOther = new ClientProcess(command, { ...right, secretAccessKey: 'not-the-secret' }, LOCAL_REGION);
  const name = `of-${client.name.replaceAll(/[^A-Za-z0-9]+/g, '-')}`;
  const tools = { url: served.url, name, send: asOwner.send.bind(asOwner), sendAsOther: asOther.send.bind(asOther) };
  const cells: string[] = [];
  try {
    for (const step of NAMES) {
      const limit = client.limits?.[step];
      const said = limit === undefined ? '' : `, which it cannot: ${limit.reason}`;
      const passed = await tally.check(`${client.name}: ${step}${said}`, async () => {
        if (limit === undefined) return STEPS[step](tools);
        const failed = await STEPS[step](tools).then(
          () => undefined,
          (thrown: unknown) => thrown as Error,
        );
        if (failed === undefined) throw new Error('it can');
        if (!failed.message.startsWith(limit.status)) throw failed;
      });
      cells.push(limit === undefined ? (passed ? 'ok' : 'FAILED') : passed ? 'cannot' : 'FAILED');
    }
  } finally {
    await Promise.all([asOwner.stop(), asOther.stop()]);
  }
  rows.push(`| ${[`${client.name} ${client.version ?? ''}`.trim(), ...cells].join(' | ')} |`);
}

async function main(names: readonly string[]): Promise<void> {
  const tally = new Tally();
  const { home, remove } = temporaryHome();
  const served = await LocalProcess.start(home);
  try {
    for (const client of CLIENTS.filter(({ name }) => names.length === 0 || names.includes(name))) {
      let command: Command;
      try {
        command = await client.prepare();
      } catch (thrown) {
        if (!(thrown instanceof NotAvailable)) throw thrown;
        tally.skip(`${client.name} was not tried. ${thrown.message}`);
        continue;
      }
      await tryClient(client, command, served, tally);
    }
  } finally {
    await served.stop();
    remove();
  }
  print(['', `| client | ${NAMES.join(' | ')} |`, `|${' --- |'.repeat(NAMES.length + 1)}`, ...rows, ''].join('\n'));
  print(tally.toString());
  process.exitCode = tally.allPassed ? 0 : 1;
}

void main(process.argv.slice(2));
