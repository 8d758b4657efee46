import { open } from 'node:fs/promises';
import { usageError } from '../io/cli-error';
import { systemCode } from '../io/system-code';

/** Larger than any environment file; an endless device was named by mistake. */
const MAX_BYTES = 1024 * 1024;

/**
 * Reads a file, which may be a pipe.
 *
 * @param subject name of the file in errors: its path is not shown
 * @throws CliError if it cannot be read, is too large or is not UTF-8
 */
export async function readEnvFile(path: string, subject: string): Promise<string> {
  const bytes = await readUpTo(path, MAX_BYTES + 1).catch((thrown: unknown) => {
    throw usageError(`${subject} cannot be read (${systemCode(thrown)})`);
  });
  if (bytes.length > MAX_BYTES) throw usageError(`${subject} has more than ${MAX_BYTES} bytes`);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw usageError(`${subject} is not UTF-8`);
  }
}

async function readUpTo(path: string, most: number): Promise<Uint8Array> {
  const file = await open(path, 'r');
  try {
    const bytes = Buffer.alloc(most);
    let length = 0;
    for (;;) {
      const { bytesRead } = await file.read(bytes, length, most - length);
      length += bytesRead;
      if (bytesRead === 0 || length === most) return bytes.subarray(0, length);
    }
  } finally {
    await file.close();
  }
}
