import { EXIT } from '../cli/cli-error';
import { run } from '../cli/run';

/** Whoever reads our output may stop reading; any other failure to write means that the result is lost. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') process.stderr.write('keyward: output_failed: the result could not be written\n');
  process.exit(EXIT.unexpected);
});
process.stderr.on('error', () => undefined);

const { stdin, stdout, stderr, env } = process;

void run(process.argv.slice(2), { stdin, stdout, stderr, env }).then((code) => {
  process.exitCode = code;
});
