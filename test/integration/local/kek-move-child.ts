import { startLocal } from '../../../local/start-local';

/** Local mode that takes so many milliseconds for the longest run of a step. Arguments: the data directory, and that time. */
async function main(home: string, kekStepMs: number): Promise<void> {
  const server = await startLocal({
    home,
    env: { ...process.env, PORT: '0' },
    kekStepMs,
    writeLog: (line) => {
      process.stderr.write(`${line}\n`);
    },
  });
  process.stdout.write(`running at ${server.url}\n`);
}

main(process.argv[2]!, Number(process.argv[3])).catch((thrown: unknown) => {
  process.stderr.write(`${(thrown as Error).message}\n`);
  process.exit(1);
});
