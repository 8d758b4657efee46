import { readFile } from 'node:fs/promises';
import type { JsonValue } from '../../lambdas/core/crypto/canonical-json';
import { MAX_BODY_BYTES } from '../../lambdas/core/contract/limits';
import { decodeUtf8 } from '../../lambdas/core/crypto/utf8';
import { usageError } from '../io/cli-error';
import { confirm, refuseUnlessAsked } from '../io/confirm';
import { readSecret } from '../io/read-secret';
import { systemCode } from '../io/system-code';
import type { OptionValues } from '../options';
import type { Session } from '../session';
import { lookAt } from './agree-to-change';
import { credentialRows } from './credential-rows';
import { holdsSecret, patchOfJson, patchOfWords, type MetadataPatch } from './metadata-patch';
import { undoWords } from './metadata-undo';
import { credentialPath, ifMatch } from './of-credential';
import { commandToPaste } from './command-to-paste';
import type { JsonObject } from '../client/json-object';

interface SetOptions extends OptionValues {
  readonly unset?: readonly string[];
  readonly 'json-file'?: string;
  readonly 'if-match'?: string;
  readonly yes?: boolean;
}

/**
 * `credential metadata set`: changes the metadata and leaves the key. It asks about a value that looks like a key, because
 * everyone who may list could read it.
 *
 * @throws CliError if the input is no patch; if the answer is no; as the client
 */
export async function setMetadata(
  session: Session,
  [provider = '', name = '', ...words]: readonly string[],
  options: SetOptions,
): Promise<void> {
  const headers = ifMatch(options);
  const metadata = await patchOf(session, words, options);
  if (options.yes !== true && holdsSecret(metadata)) {
    refuseUnlessAsked(session, 'metadata that looks like an API key');
    await confirm(session, { warning: LOOKS_SECRET, yes: false });
  }
  const path = credentialPath([provider, name]);
  // Only on a terminal: a caller who may only change metadata is refused the look-up, and refusals are counted.
  const before = session.parts.stderr.isTTY === true ? await lookAt(session, path, true) : undefined;
  const reply = await session.send({ method: 'PATCH', path, headers, body: { metadata } });
  session.print(reply, { kind: 'object', rows: credentialRows });
  const back = before?.kind === 'credential' ? backTo(before.shown, reply) : undefined;
  if (back === undefined) return;
  const line = ['credential', 'metadata', 'set', provider, name, ...back, '--if-match', String(reply['revision'])];
  const command = commandToPaste(line, options);
  session.tell('undo', `restore the earlier metadata with: ${command}`, { command });
}

/** The undo, if this was the only change since the look-up. */
function backTo(before: JsonObject, after: JsonObject): readonly string[] | undefined {
  if (after['revision'] !== Number(before['revision']) + 1) return undefined;
  return undoWords(after['metadata'] as JsonValue, before['metadata'] as JsonValue);
}

const LOOKS_SECRET =
  'Something in the metadata looks like an API key. Metadata is stored readable, and shown to every caller who may list credentials;\n' +
  'store a key with credential put. A real key that was typed here is in the history of your shell, too.';

async function patchOf(session: Session, words: readonly string[], options: SetOptions): Promise<MetadataPatch> {
  const { unset = [], 'json-file': file } = options;
  if (file !== undefined) {
    if (words.length + unset.length > 0) {
      throw usageError('credential metadata set: only one of members and --json-file may be given');
    }
    return patchOfJson(file === '-' ? await readSecret(session.parts, FROM_STDIN) : await readText(file));
  }
  if (words.length + unset.length === 0) {
    throw usageError(
      'credential metadata set: nothing to change: give NAME=TEXT, NAME:=JSON, --unset NAME or --json-file FILE',
    );
  }
  return patchOfWords(words, unset);
}

const FROM_STDIN = { what: 'merge patch', expected: 'document', trim: false } as const;

/** @throws CliError which names neither the file nor its content */
async function readText(path: string): Promise<string> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (thrown) {
    throw usageError(`--json-file: the file could not be read (${systemCode(thrown)})`);
  }
  if (bytes.length > MAX_BODY_BYTES) throw usageError(`--json-file: the file has more than ${MAX_BODY_BYTES} bytes`);
  const text = decodeUtf8(bytes);
  if (text === undefined) throw usageError('--json-file: the file is not UTF-8');
  return text;
}
