import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CliError, EXIT } from '../io/cli-error';
import { systemCode } from '../io/system-code';
import type { Waiting } from '../io/waiting';
import { MaskStream } from './mask-stream';

interface MaskSettings {
  readonly hidden: readonly Uint8Array[];
  readonly waiting: Pick<Waiting, 'pause'>;
  /** Ends the output, after what was written so far. */
  readonly signal: AbortSignal;
}

/**
 * Passes a program's output on, masked, and no faster than it is read. If the reader has gone, the program's own writes fail, as
 * without this process.
 *
 * @throws CliError if it cannot be written for another reason
 */
export async function maskOutput(
  from: Readable,
  to: Writable,
  { hidden, waiting, signal }: MaskSettings,
): Promise<void> {
  try {
    await pipeline(from, new MaskStream(hidden, waiting), to, { signal });
  } catch (thrown) {
    if (systemCode(thrown) === 'EPIPE' || signal.aborted) return;
    throw new CliError(EXIT.unexpected, 'output_failed', "the program's output could not be written");
  }
}
