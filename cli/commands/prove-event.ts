import { sendWithRetry } from '../client/send-with-retry';
import { CliError, EXIT, usageError } from '../io/cli-error';
import { orNotWritten } from '../io/or-not-written';
import { pathExists } from '../io/path-exists';
import { writeDurably } from '../io/write-durably';
import type { OptionValues } from '../options';
import type { Session } from '../session';
import { timeOf } from './from-time';

const LINE = '.line';
const ENTRY = '.entry';

/** Lines of visible characters, also before a terminal: names and base64. */
const PROOF = /^c2sp\.org\/tlog-proof@v1\n[\n\x20-\x7e\u2014]*\n$/;

/** Why there is no line, for a person. */
const WITHOUT_LINE: Readonly<Record<string, string>> = {
  edited: 'the audit log has this event otherwise than it was published: run keyward audit verify',
  gone: 'the audit log does not have this event any more, or has it without a nonce; the archive has its line',
};

/**
 * Prints the proof of an event, or writes it into a file, with the archived line and the entry beside it.
 *
 * @throws CliError
 */
export async function proveEvent(
  session: Session,
  [id = '']: readonly string[],
  { out, at }: OptionValues & { readonly out?: string; readonly at?: string },
): Promise<void> {
  const timestamp = timeOf('--at', at, 'cut');
  const query = timestamp === undefined ? {} : { timestamp };
  if (out !== undefined) await assertFree([out, out + LINE, out + ENTRY]);
  const reply = await sendWithRetry(session, { method: 'GET', path: `/v1/audit/events/${id}/proof`, query });
  const { proof, entry, line, event } = reply;
  if (typeof proof !== 'string' || !PROOF.test(proof) || typeof entry !== 'string')
    throw new CliError(EXIT.unexpected, 'unexpected_reply', 'the reply is no proof of an event');
  const why = WITHOUT_LINE[String(event)];
  if (why !== undefined) session.tell('no_line', why);
  if (out === undefined) {
    if (session.parts.json) session.print(reply, { kind: 'object' });
    else session.parts.stdout.write(proof);
    return;
  }
  await orNotWritten(async () => {
    await writeDurably(out + ENTRY, Buffer.from(`${entry}\n`, 'utf8'));
    if (typeof line === 'string') await writeDurably(out + LINE, Buffer.from(`${line}\n`, 'utf8'));
    // Last: whoever has the proof has what belongs to it.
    await writeDurably(out, Buffer.from(proof, 'utf8'));
  });
  const { region, index, size } = reply;
  session.print({ event: id, region, index, size, file: out }, { kind: 'object' });
}

async function assertFree(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    if (await orNotWritten(() => pathExists(path)))
      throw usageError('--out: there is a file of this name, or with .line or .entry');
  }
}
