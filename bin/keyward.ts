import { EXIT } from '../cli/io/cli-error';
import { run } from '../cli/run';

/** As it was: a program that is started gets it. */
const env = { ...process.env };

// The SDK's notice that it will want Node 22 in 2027 is for us, who pin it, and not for whoever runs a command.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';

/** Whoever reads our output may stop reading; any other failure to write means that the result is lost. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') process.stderr.write('keyward: output_failed: the result could not be written\n');
  process.exit(EXIT.unexpected);
});
process.stderr.on('error', () => undefined);

/** Node opens a stream with the first look at it; few commands read. */
const surroundings = {
  get stdin() {
    return process.stdin;
  },
  stdout: process.stdout,
  stderr: process.stderr,
  env,
};

// A process whose work waits for nothing that can come any more ends by itself, and with 0, though nothing was done.
process.exitCode = EXIT.unexpected;
void run(process.argv.slice(2), surroundings).then((code) => {
  process.exitCode = code;
});
