import { LOCAL_ENVIRONMENT } from '../lambdas/core/contract/environment';
import { CREDENTIALS_FILE, DEFAULT_LOCAL_HOME } from '../lambdas/core/contract/local-mode';
import { EXIT_MEANINGS } from './io/cli-error';
import type { Command } from './command';
import { COMMANDS } from './commands';
import { OPTIONS, type Options } from './options';

/** What `--help` prints: of one command, or of the program. */
export const helpText = (command?: Command): string => (command === undefined ? programHelp() : commandHelp(command));

function programHelp(): string {
  return `keyward: keep the API keys of AI providers encrypted

Usage: keyward COMMAND [OPTIONS]

${columns(COMMANDS.map((command) => [synopsis(command), command.summary]))}

A secret or token is read from stdin (one newline at its end is taken off) and asked for, unseen, where stdin is a terminal.

Options of every command:
${optionLines(OPTIONS)}

Requests are signed with AWS Signature Version 4, with the credentials that any AWS tool would use. For an endpoint on this
machine those in $${LOCAL_ENVIRONMENT.home}/${CREDENTIALS_FILE} (${DEFAULT_LOCAL_HOME}/${CREDENTIALS_FILE}, which npm start makes) come first, unless
AWS_ACCESS_KEY_ID or AWS_SHARED_CREDENTIALS_FILE is set or the profile is not in there.

${exitCodeLines()}

Errors are one line on stderr, "keyward: CODE: DETAIL (request ID)".
Example: printf %s "$OPENAI_KEY" | keyward encrypt openai --context team=search
`;
}

function commandHelp(command: Command): string {
  const details = command.details === undefined ? '' : `\n${command.details}\n`;
  const secret =
    'work' in command || command.secret === undefined ? '' : `\nReads the ${WORDS_FOR[command.secret]} from stdin.\n`;
  const own = Object.keys(command.options).length === 0 ? '' : `\nOptions:\n${optionLines(command.options)}\n`;
  return `keyward ${synopsis(command)}: ${command.summary}
${details}${secret}${own}
Options of every command:
${optionLines(OPTIONS)}

${exitCodeLines()}
`;
}

const WORDS_FOR = { plaintext: 'text', ciphertext: 'token', api_key: 'API key' } as const;

const synopsis = ({ words, parameters, required }: Command): string =>
  [...words, ...parameters.map((name, index) => (index < required ? `<${name}>` : `[${name}]`))].join(' ');

const optionLines = (options: Options): string =>
  columns(Object.values(options).map(({ shown, help }) => [shown, help]));

const exitCodeLines = (): string =>
  `Exit codes:\n${columns(EXIT_MEANINGS.map(([code, meaning]) => [String(code), meaning]))}`;

function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join('\n');
}
