import type { SecretMember } from './command';
import { CliError, EXIT } from './io/cli-error';
import { renderError } from './io/print';
import { isKeyWithLineEnd, readSecret } from './io/read-secret';
import type { TerminalParts } from './io/raw-terminal';
import type { Expected } from './io/secret-entry';
import type { OptionValues, Options, ValuesOf } from './options';

const WHAT: Readonly<Record<SecretMember, string>> = {
  plaintext: 'text to encrypt',
  ciphertext: 'token',
  api_key: 'API key',
};

/** Of an API key, by its format. */
const EXPECTED_OF_FORMAT: Readonly<Record<string, Expected>> = { key: 'line', document: 'document', text: 'text' };

/**
 * Reads what a command takes from stdin, by its options, and reports possible mistakes in it.
 *
 * @throws CliError as {@link readSecret}
 */
export async function secretOf(
  member: SecretMember,
  options: OptionValues & ValuesOf<Options>,
  parts: TerminalParts,
): Promise<string> {
  const trim = options['trim'] === true;
  const secret = await readSecret(parts, { what: WHAT[member], expected: expectedOf(member, options['format']), trim });
  if (member === 'plaintext' && isKeyWithLineEnd(secret)) {
    parts.stderr.write(renderError(LINE_END_KEPT, options.json === true));
  }
  return secret;
}

function expectedOf(member: SecretMember, format: unknown): Expected {
  if (member !== 'api_key') return member === 'plaintext' ? 'text' : 'line';
  return (typeof format === 'string' ? EXPECTED_OF_FORMAT[format] : undefined) ?? 'key-or-document';
}

/** Not a failure, but a key that is sent with it is refused. */
const LINE_END_KEPT = new CliError(
  EXIT.ok,
  'line_end_kept',
  'the line end after the text is encrypted with it; --trim drops it',
);
