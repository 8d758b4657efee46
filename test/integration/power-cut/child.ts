import { startLocal } from '../../../local/start-local';

/** Local mode with so small a write buffer that LevelDB often begins a new log. Argument: the data directory. */
async function main(home: string): Promise<void> {
  const server = await startLocal({
    home,
    env: { PORT: '0', KEYWARD_PROVIDERS: 'openai' },
    writeLog: () => undefined,
    writeBufferBytes: 65_536,
  });
  process.stdout.write(`${server.url}\n`);
}

void main(process.argv[2]!);
