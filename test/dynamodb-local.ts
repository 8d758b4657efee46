import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { ROOT } from '../compile/root';
import { NotAvailable, skippedLines } from './install-from-pypi';
import { until } from './until';

/**
 * Runs the contract suites of the DynamoDB adapters against Amazon's own DynamoDB Local, in memory, on a free port.
 * The program comes from Maven Central and stays in `.cache`. DynamoDB Local listens on all interfaces: do not run this
 * where others reach this machine's ports and must not see test data.
 */

const VERSION = '2.6.1';
const CACHE = join(ROOT, '.cache');
const PROGRAM = join(CACHE, `dynamodb-local-${VERSION}`);

const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>keyward</groupId>
  <artifactId>dynamodb-local</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>com.amazonaws</groupId>
      <artifactId>DynamoDBLocal</artifactId>
      <version>${VERSION}</version>
    </dependency>
  </dependencies>
</project>
`;

const COPY_DEPENDENCIES = [
  '-q',
  '-B',
  'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies',
  '-DoutputDirectory=lib',
  '-Dmdep.useBaseVersion=true',
];

function requireProgram(program: 'java' | 'mvn'): void {
  if (spawnSync(program, ['-version'], { stdio: 'ignore' }).status !== 0) {
    throw new NotAvailable(`DynamoDB Local needs Java 17 or later and Maven, and ${program} is missing here.`);
  }
}

const succeeds = (attempt: Promise<unknown>): Promise<boolean> =>
  attempt.then(
    () => true,
    () => false,
  );

/** Fetches into a directory of its own and renames it, so that an interrupted download is not taken for the program. */
async function fetchProgram(): Promise<void> {
  if (await succeeds(access(PROGRAM))) return;
  requireProgram('mvn');
  await mkdir(CACHE, { recursive: true });
  const temporary = await mkdtemp(join(CACHE, 'fetching-'));
  try {
    await writeFile(join(temporary, 'pom.xml'), POM);
    const { status } = spawnSync('mvn', COPY_DEPENDENCIES, { cwd: temporary, stdio: 'inherit' });
    if (status !== 0) throw new NotAvailable('DynamoDB Local could not be fetched from Maven Central.');
    await rename(temporary, PROGRAM);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function startProgram(port: number): ChildProcess {
  const main = 'com.amazonaws.services.dynamodbv2.local.main.ServerRunner';
  const options = ['-inMemory', '-sharedDb', '-disableTelemetry', '-port', String(port)];
  return spawn('java', ['-Djava.library.path=./lib', '-cp', 'lib/*', main, ...options], {
    cwd: PROGRAM,
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
  requireProgram('java');
  await fetchProgram();
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const server = startProgram(port);
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
