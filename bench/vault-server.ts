import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { basename } from 'node:path';
import { createInterface } from 'node:readline';
import { KEY, MESSAGES } from './audited-decrypts';
import type { PreparedRequest } from './child-process';
import { CORES, pinned } from './cores';

/** A Vault with transit and its file audit device, for one key `openai`. */
export interface StartedVault {
  readonly port: number;
  /** A decrypt of each of its messages. */
  readonly requests: readonly PreparedRequest[];
  /** Returns its processor time so far; undefined if the system does not tell. */
  cpuMs(): number | undefined;
  end(): Promise<void>;
}

/** Whether the binary is Vault itself, and not a program that prints the address of one. */
const isVaultCommand = (binary: string): boolean => /^vault(?:\.exe)?$/.test(basename(binary));

/** Unit of times in `/proc`: USER_HZ is 100 on all platforms of Node. */
const TICK_MS = 10;

/**
 * Starts the program on the servers' core, with one thread for Go's code, as for Node's.
 *
 * @param binary Vault itself, which is started as a dev server, or a program that prints a line of JSON with `address` and
 *   `root_token`
 * @param auditFile output of its file audit device
 */
export async function startVault(binary: string, auditFile: string): Promise<StartedVault> {
  const token = 'bench-root';
  const own = isVaultCommand(binary);
  const ownPort = await freePort();
  const argv = own
    ? [binary, 'server', '-dev', `-dev-root-token-id=${token}`, `-dev-listen-address=127.0.0.1:${ownPort}`]
    : [binary];
  const [command, ...args] = pinned(CORES.server, argv);
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, GOMAXPROCS: '1', VAULT_ADDR: '' },
  });
  const said = await readStart(child, own);
  const port = own ? ownPort : Number(new URL(said.address ?? '').port);
  const tell = (method: string, path: string, body: object = {}) =>
    ask(`http://127.0.0.1:${port}/v1/${path}`, method, said.root_token ?? token, body);
  // The dev server has no transit; another program may have enabled it.
  await tell('POST', 'sys/mounts/transit', { type: 'transit' }).catch(() => undefined);
  await tell('POST', 'transit/keys/openai');
  await tell('POST', 'sys/audit/file', { type: 'file', options: { file_path: auditFile } });
  const requests: PreparedRequest[] = [];
  while (requests.length < MESSAGES) {
    const { ciphertext } = await tell('POST', 'transit/encrypt/openai', {
      plaintext: Buffer.from(KEY).toString('base64'),
    });
    requests.push({
      method: 'POST',
      path: '/v1/transit/decrypt/openai',
      headers: { 'x-vault-token': said.root_token ?? token, 'content-type': 'application/json' },
      body: JSON.stringify({ ciphertext }),
    });
  }
  return {
    port,
    requests,
    cpuMs: () => cpuOf(child.pid),
    end: async () => {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Vault's own server reports that it has started; another program has started at its first line. */
async function readStart(child: ChildProcess, own: boolean): Promise<{ address?: string; root_token?: string }> {
  const { stdout } = child;
  if (stdout === null) throw new Error('the program has no output');
  for await (const line of createInterface({ input: stdout })) {
    if (own && line.includes('Vault server started')) return {};
    if (!own && line.startsWith('{')) return JSON.parse(line) as { address: string; root_token: string };
  }
  throw new Error('the program that VAULT_BINARY names ended without saying where it is');
}

/** @returns the data of the reply */
async function ask(url: string, method: string, token: string, body: object): Promise<Record<string, unknown>> {
  const response = await fetch(url, { method, headers: { 'x-vault-token': token }, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${new URL(url).pathname}: a reply of ${response.status}`);
  const text = await response.text();
  return text === '' ? {} : ((JSON.parse(text) as { data?: Record<string, unknown> | null }).data ?? {});
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Times of the process in user and in system mode (proc(5), `/proc/[pid]/stat`, fields 14 and 15); its name may contain blanks. */
function cpuOf(pid: number | undefined): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
  } catch {
    return undefined;
  }
}
