import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { ROOT } from '../compile/root';
import { installFromMaven } from './install-from-maven';
import { NotAvailable, skippedLines } from './install-from-pypi';
import { until } from './until';

/**
 * Runs the contract suites of the DynamoDB adapters against Amazon's own DynamoDB Local, in memory, on a free port.
 * The program comes from Maven Central and stays in `.cache`. DynamoDB Local listens on all interfaces: do not run this
 * where others reach this machine's ports and must not see test data.
 */

const VERSION = '2.6.1';
const PROGRAM = { group: 'com.amazonaws', artifact: 'DynamoDBLocal', version: VERSION };

const succeeds = (attempt: Promise<unknown>): Promise<boolean> =>
  attempt.then(
    () => true,
    () => false,
  );

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function startProgram(directory: string, port: number): ChildProcess {
  const main = 'com.amazonaws.services.dynamodbv2.local.main.ServerRunner';
  const options = ['-inMemory', '-sharedDb', '-disableTelemetry', '-port', String(port)];
  return spawn('java', ['-Djava.library.path=./lib', '-cp', 'lib/*', main, ...options], {
    cwd: directory,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

/** Any answer will do: an unsigned request gets a 400. */
async function waitUntilItAnswers(endpoint: string, server: ChildProcess): Promise<void> {
  await until('DynamoDB Local answers', () => {
    if (server.exitCode !== null) throw new Error('DynamoDB Local did not start');
    return succeeds(fetch(endpoint));
  });
}

async function runSuites(endpoint: string): Promise<number> {
  const jest = spawn(
    process.execPath,
    [require.resolve('jest/bin/jest'), 'test/contract/dynamodb/', '--selectProjects=contract'],
    {
      cwd: ROOT,
      stdio: 'inherit',
      env: { ...process.env, KEYWARD_TEST_DYNAMODB_ENDPOINT: endpoint },
    },
  );
  const [code] = (await once(jest, 'exit')) as [number | null];
  return code ?? 1;
}

async function main(): Promise<number> {
  const directory = await installFromMaven(PROGRAM);
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const server = startProgram(directory, port);
  process.once('exit', () => server.kill('SIGKILL'));
  try {
    await waitUntilItAnswers(endpoint, server);
    return await runSuites(endpoint);
  } finally {
    server.kill('SIGKILL');
  }
}

main().then(
  (code) => process.exit(code),
  (thrown: unknown) => {
    if (thrown instanceof NotAvailable) {
      console.log(skippedLines('the stores were not tried against DynamoDB Local', thrown));
      return;
    }
    console.error(thrown);
    process.exit(1);
  },
);
