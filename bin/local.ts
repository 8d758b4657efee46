import { resolve } from 'node:path';
import { KeywardError } from '../lambdas/core/domain/errors';
import { firstScreen } from '../local/first-screen';
import { startLocal, type LocalServer } from '../local/start-local';

const HELP = `npm start: runs Keyward on this machine, on 127.0.0.1 alone.

  PORT               port to listen on (default 8787; 0 takes a free one)
  KEYWARD_HOME       directory for keys and data (default .keyward)
  KEYWARD_PROVIDERS  providers, separated by commas (default openai,anthropic,google,global)
`;

/** Prints one sentence and ends the process: nothing that failed at the start can be served. */
function fail(thrown: unknown): never {
  const sentence = thrown instanceof KeywardError ? thrown.message : `an unexpected ${errorName(thrown)} occurred`;
  console.error(`keyward: ${sentence}`);
  process.exit(1);
}

const errorName = (thrown: unknown): string => (thrown instanceof Error ? thrown.name : 'error');

function stopOnSignals(server: LocalServer): void {
  let stopping = false;
  const stop = (): void => {
    if (stopping) process.exit(130);
    stopping = true;
    console.log('\nstopping: finishing what is in flight (once more to stop at once)');
    server.close().then(() => process.exit(0), fail);
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
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
  const home = resolve(process.env['KEYWARD_HOME'] || '.keyward');
  const server = await startLocal({ home, env: process.env, writeLog: (line) => process.stderr.write(line) });
  stopOnSignals(server);
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
    keysets: server.keysets,
  };
  console.log(firstScreen(facts));
}

main().catch(fail);
