import { resolve } from 'node:path';
import { DEFAULT_PROVIDERS } from '../lambdas/core/contract/defaults';
import { LOCAL_ENVIRONMENT } from '../lambdas/core/contract/environment';
import { DEFAULT_LOCAL_HOME, DEFAULT_LOCAL_PORT, LOCAL_HOST } from '../lambdas/core/contract/local-mode';
import { systemCode } from '../lambdas/adapters/local/private-file';
import { KeywardError } from '../lambdas/core/errors/errors';
import { LogLines } from '../local/log-lines';
import { startupBanner } from '../local/startup-banner';
import { startLocal, type LocalServer } from '../local/start-local';

const HELP = `npm start: runs Keyward on this machine, on ${LOCAL_HOST} alone.

  PORT               port to listen on (default ${DEFAULT_LOCAL_PORT}; 0 takes a free one)
  KEYWARD_HOME       directory for keys and data (default ${DEFAULT_LOCAL_HOME})
  KEYWARD_PROVIDERS  providers, separated by commas (default ${DEFAULT_PROVIDERS.join(',')})
  SECRETS_PROVIDER   local: the KEK is in a file (default); vault: in HashiCorp Vault, see docs/vault.md
`;

const log = new LogLines((lines) => process.stderr.write(lines));

/** Prints one sentence and ends the process: what failed at the start, or was never expected, cannot be served. */
function fail(thrown: unknown): never {
  const sentence = thrown instanceof KeywardError ? thrown.message : `an unexpected ${errorName(thrown)} occurred`;
  log.flush();
  console.error(`keyward: ${sentence}`);
  process.exit(1);
}

/** What it is, and never what it says: that may carry what was sent. */
function errorName(thrown: unknown): string {
  const code = systemCode(thrown);
  const name = thrown instanceof Error ? thrown.name : 'error';
  return code === 'unknown' ? name : `${name} (${code})`;
}

/** One Ctrl-C comes more than once: from the terminal, and from npm, which sends on to its child what that has had already. */
const SAME_SIGNAL_MS = 500;
const STOPPING = 'stopping: answering the accepted requests (a second signal stops at once)';

/**
 * Stops on signals: of Ctrl-C, of whoever supervises the process, and of a terminal that is closed. One that comes while it
 * starts is obeyed once it has started; a later one ends the process at once.
 *
 * @returns to be called with what has started; says whether it goes on
 */
function stopOnSignals(): (server: LocalServer) => boolean {
  let started: LocalServer | undefined;
  let stoppingSince: number | undefined;
  const close = (server: LocalServer): void => {
    server.close().then(() => process.exit(0), fail);
  };
  const stop = (): void => {
    const now = performance.now();
    if (stoppingSince !== undefined) {
      if (now - stoppingSince > SAME_SIGNAL_MS) process.exit(130);
      return;
    }
    stoppingSince = now;
    console.log(`\n${STOPPING}`);
    if (started !== undefined) close(started);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  return (server) => {
    started = server;
    if (stoppingSince !== undefined) close(server);
    return stoppingSince === undefined;
  };
}

async function main(): Promise<void> {
  // The SDK's notice that it will want Node 22 in 2027 is for us, who pin it, and not for whoever starts this.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
  if (process.argv.length > 2) {
    console.log(HELP);
    return;
  }
  // Whoever reads our output may stop reading; that must not end what is served.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) process.on(event, fail);
  process.on('exit', () => {
    log.flush();
  });
  const home = resolve(process.env[LOCAL_ENVIRONMENT.home] || DEFAULT_LOCAL_HOME);
  const stopThis = stopOnSignals();
  const server = await startLocal({
    home,
    env: process.env,
    writeLog: (line) => {
      log.add(line);
    },
  });
  const goesOn = stopThis(server);
  // What is in flight is answered, with 503 by then, before the process ends.
  void server.failed.then((error) =>
    server.close().then(
      () => fail(error),
      () => fail(error),
    ),
  );
  const facts = {
    url: server.url,
    home,
    workingDirectory: process.cwd(),
    isNew: server.isNew,
    kekSource: server.kekSource,
    kekPlace: server.kekPlace,
    ...(server.kekAway !== undefined && { kekAway: server.kekAway }),
    keysets: server.keysets,
    databaseIsLost: server.databaseIsLost,
    ...(server.logFault !== undefined && { logFault: server.logFault }),
    accessMade: server.accessMade,
  };
  if (goesOn) console.log(startupBanner(facts));
}

main().catch(fail);
