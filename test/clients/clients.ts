import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from '../../compile/root';
import { installFromMaven } from '../install-from-maven';
import { installFromNpm } from '../install-from-npm';
import { installFromPyPI, NotAvailable } from '../install-from-pypi';
import type { StepName } from './scenario';

/** The command line of a program. */
export type Command = readonly [program: string, ...parameters: string[]];

/** One client that signs requests itself, as published. */
export interface Client {
  readonly name: string;
  /** Undefined for the machine's own. */
  readonly version?: string;
  /** @throws NotAvailable if it cannot be installed */
  readonly prepare: () => Promise<Command> | Command;
  /** Its known failures with reasons. They are checked, too: it has to fail so. */
  readonly limits?: Partial<Record<StepName, { readonly status: string; readonly reason: string }>>;
}

const SCRIPTS = join(__dirname, 'scripts');
const CACHE = join(ROOT, '.cache');

const PYTHON = {
  name: 'botocore',
  version: '1.44.8',
  beside: [
    { name: 'awscrt', version: '0.38.1' },
    { name: 'requests', version: '2.34.2' },
    { name: 'requests-aws4auth', version: '1.4.0' },
    { name: 'aws-requests-auth', version: '0.4.3' },
    { name: 'httpx', version: '0.28.1' },
    { name: 'httpx-aws-auth', version: '4.2.0' },
    { name: 'awscurl', version: '0.44' },
  ],
};

const NODE = [
  { name: 'aws4', version: '1.13.2' },
  { name: 'aws4fetch', version: '1.0.20' },
  { name: 'axios', version: '1.21.1' },
  { name: 'aws4-axios', version: '3.4.0' },
  { name: '@smithy/signature-v4', version: '5.7.5' },
  { name: '@smithy/protocol-http', version: '5.6.2' },
  { name: '@aws-crypto/sha256-js', version: '5.2.0' },
];

const GO_MODULE = { path: 'github.com/aws/aws-sdk-go-v2', version: '1.48.0' };
const JAVA = { group: 'software.amazon.awssdk', artifact: 'http-auth-aws', version: '2.34.0' };

/** No fault: the header that would ask for it never leaves. */
const OWN_HASH = {
  'UNSIGNED-PAYLOAD': { status: '200', reason: 'it writes x-amz-content-sha256 itself, always the hash' },
} as const;
const ENCODED_TWICE = {
  status: '403',
  reason: 'it signs escapes in a query escaped once more, and sends them as they were',
};

const ENCODED_ONCE = {
  'escaped path': { status: '403', reason: 'it signs the path as it is sent, as only S3 has it' },
} as const;

const versionIn = (packages: readonly { name: string; version: string }[], wanted: string): string => {
  const found = packages.find(({ name }) => name === wanted);
  if (found === undefined) throw new Error(`${wanted} is not among the packages that are installed`);
  return found.version;
};

/** The client that is this package, by the script that is called so, unless another is named. */
const python = (name: string, script: string = name, ...parameters: string[]): Client => ({
  name,
  version: versionIn([PYTHON, ...PYTHON.beside], name),
  prepare: () => [join(installFromPyPI(PYTHON), 'python'), join(SCRIPTS, `${script}.py`), ...parameters],
});

/** As {@link python}, of Node. */
const node = (name: string, script: string = name): Client => ({
  name,
  version: versionIn(NODE, name),
  prepare: () => {
    // Node searches a module's imports beside it.
    const scripts = join(dirname(dirname(installFromNpm('clients', NODE))), 'scripts');
    cpSync(SCRIPTS, scripts, { recursive: true });
    return [process.execPath, join(scripts, `${script}.mjs`)];
  },
});

function go(): Command {
  if (spawnSync('go', ['version'], { stdio: 'ignore' }).status !== 0) {
    throw new NotAvailable('The SDK for Go needs go, and there is none here.');
  }
  const directory = join(CACHE, `aws-sdk-go-v2-${GO_MODULE.version}`);
  const succeeds = (where: string, ...args: string[]): boolean =>
    spawnSync('go', args, { cwd: where, stdio: 'ignore', timeout: 600_000 }).status === 0;
  if (!existsSync(directory)) {
    mkdirSync(CACHE, { recursive: true });
    const temporary = mkdtempSync(join(CACHE, 'fetching-'));
    // Go fetches what the source imports.
    cpSync(join(SCRIPTS, 'main.go'), join(temporary, 'main.go'));
    const hasIt =
      succeeds(temporary, 'mod', 'init', 'client') &&
      succeeds(temporary, 'get', `${GO_MODULE.path}@v${GO_MODULE.version}`) &&
      succeeds(temporary, 'mod', 'tidy');
    if (!hasIt) {
      rmSync(temporary, { recursive: true, force: true });
      throw new NotAvailable(`go does not get ${GO_MODULE.path} ${GO_MODULE.version} here.`);
    }
    renameSync(temporary, directory);
  }
  cpSync(join(SCRIPTS, 'main.go'), join(directory, 'main.go'));
  if (!succeeds(directory, 'build', '-o', 'client', '.')) throw new Error('go does not build the client');
  return [join(directory, 'client')];
}

const java = async (): Promise<Command> => [
  'java',
  '-cp',
  join(await installFromMaven(JAVA), 'lib/*'),
  join(SCRIPTS, 'Client.java'),
];

function curl(): Command {
  const { status, stdout } = spawnSync('curl', ['--help', 'all'], { encoding: 'utf8' });
  if (status !== 0 || !stdout.includes('--aws-sigv4')) {
    throw new NotAvailable('There is no curl with --aws-sigv4 here.');
  }
  return ['bash', join(SCRIPTS, 'curl.sh')];
}

/** It has encoded the path once more since April 2025 (pull request 17129), after 8.13. */
function curlLimits(): NonNullable<Client['limits']> {
  const { stdout } = spawnSync('curl', ['--version'], { encoding: 'utf8' });
  const [major = 0, minor = 0] = (/^curl (\d+)\.(\d+)/.exec(stdout)?.slice(1) ?? []).map(Number);
  return major < 8 || (major === 8 && minor < 14) ? ENCODED_ONCE : {};
}

/** Python and Node clients are installed together, each kind once. */
export const CLIENTS: readonly Client[] = [
  python('botocore', 'botocore-signers', 'python'),
  python('awscrt', 'botocore-signers', 'crt'),
  { ...python('requests-aws4auth'), limits: OWN_HASH },
  { ...python('aws-requests-auth'), limits: OWN_HASH },
  { ...python('httpx-aws-auth'), limits: { ...OWN_HASH, ...ENCODED_ONCE } },
  { ...python('awscurl'), limits: { 'escaped query': ENCODED_TWICE, 'space in query': ENCODED_TWICE } },
  node('aws4'),
  node('aws4fetch'),
  {
    ...node('aws4-axios'),
    limits: {
      'POST, empty text': {
        status: '400',
        reason: 'axios sends an empty text declared as JSON as "", which is a body',
      },
    },
  },
  node('@smithy/signature-v4', 'smithy'),
  { name: 'aws-sdk-go-v2', version: GO_MODULE.version, prepare: go },
  { name: 'AWS SDK for Java', version: JAVA.version, prepare: java },
  { name: 'curl --aws-sigv4', prepare: curl, limits: curlLimits() },
];
