import { LOCAL_ENVIRONMENT } from '../lambdas/core/contract/environment';
import { CREDENTIALS_FILE, DEFAULT_LOCAL_HOME } from '../lambdas/core/contract/local-mode';
import { EXIT_MEANINGS } from './io/cli-error';
import { columns, wrap } from './io/columns';
import type { Command, ProgramCommand } from './command';
import { ALL_COMMANDS, groupOf } from './find-command';
import { OPTIONS, type Option, type Options } from './options';
import { PARAMETERS } from './parameters';
import type { Topic } from './parse-arguments';
import { synopsis } from './synopsis';

/** The help text of the program, a command, or a group of commands. */
export function helpText(topic?: Topic): string {
  if (topic === undefined) return programHelp();
  return 'group' in topic ? groupHelp(topic.group) : commandHelp(topic);
}

function programHelp(): string {
  const home = `$${LOCAL_ENVIRONMENT.home}/${CREDENTIALS_FILE}`;
  const signing = `Requests are signed with AWS Signature Version 4. For a local server (http) the command uses the \
credentials in ${home} (${DEFAULT_LOCAL_HOME}/${CREDENTIALS_FILE}, which npm start makes), whatever AWS_PROFILE and AWS_ACCESS_KEY_ID \
say. For a deployment it uses those of other AWS tools, and HTTPS_PROXY, NO_PROXY and AWS_CA_BUNDLE apply.`;
  return sections(
    'keyward: keep the API keys of AI providers encrypted',
    'Usage: keyward COMMAND [OPTIONS]',
    `Commands (keyward help COMMAND describes one):\n${commandLines(ALL_COMMANDS)}`,
    wrap(
      'Secrets and tokens are read from stdin; on a terminal the command asks for them and does not show them. From a pipe it drops one line end after a single key or token; texts and documents keep every byte.',
    ),
    `Options of every command:\n${optionLines(OPTIONS)}`,
    wrap(
      'Options may stand anywhere. Write --region NAME or --region=NAME; a value that begins with - needs the second form. Arguments after -- are not options.',
    ),
    wrap(signing),
    exitCodeLines(),
    wrap('Errors are one line on stderr, "keyward: CODE: DETAIL (request ID)".'),
    'Example:\n  printf %s "$OPENAI_KEY" | keyward encrypt openai --context team=search',
  );
}

const groupHelp = (first: string): string =>
  sections(
    `Usage: keyward ${first} COMMAND [OPTIONS]`,
    `Commands (keyward help ${first} COMMAND describes one):\n${commandLines(groupOf(first))}`,
    `Options of every command:\n${optionLines(OPTIONS)}`,
  );

function commandHelp(command: Command | ProgramCommand): string {
  const { words, summary, details, options, takesProgram } = command;
  const parameters = [...command.parameters, ...(command.rest === undefined ? [] : [command.rest])];
  const hasOptions = Object.keys(options).length > 0;
  return sections(
    wrap(`keyward ${words.join(' ')}: ${summary}`),
    wrap(`Usage: keyward ${synopsis(command)}${hasOptions && takesProgram !== true ? ' [OPTIONS]' : ''}`),
    details === undefined ? '' : wrap(details),
    'secret' in command ? `Reads the ${WORDS_FOR[command.secret]} from stdin.` : '',
    parameters.length === 0
      ? ''
      : `Arguments:\n${columns(parameters.map((kind) => [kind, PARAMETERS[kind].rule] as const))}`,
    hasOptions ? `Options:\n${optionLines(options)}` : '',
    `Options of every command:\n${optionLines(OPTIONS)}`,
    exitCodeLines(),
  );
}

const WORDS_FOR = { plaintext: 'text', ciphertext: 'token', api_key: 'API key' } as const;

const sections = (...texts: readonly string[]): string => `${texts.filter((text) => text !== '').join('\n\n')}\n`;

const commandLines = (commands: readonly (Command | ProgramCommand)[]): string =>
  columns(commands.map((command) => [synopsis(command), command.summary] as const));

const optionLines = (options: Options): string =>
  columns(Object.values<Option>(options).map((option) => [option.shown, `${option.help}${restOf(option)}`] as const));

function restOf(option: Option): string {
  if (option.type === 'boolean') return '';
  return 'needed' in option ? ' (required)' : ` (default: ${option.otherwise})`;
}

const exitCodeLines = (): string =>
  `Exit codes:\n${columns(EXIT_MEANINGS.map(([code, meaning]) => [String(code), meaning] as const))}`;
