import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { ALL_COMMANDS, FIRST_WORDS, groupOf } from '../../../cli/find-command';
import { helpText } from '../../../cli/help';
import { CliError, EXIT_MEANINGS } from '../../../cli/io/cli-error';
import { HELP_WIDTH } from '../../../cli/io/columns';
import { OPTIONS, type Option } from '../../../cli/options';
import { PARAMETERS } from '../../../cli/parameters';
import { parseArguments } from '../../../cli/parse-arguments';
import { run } from '../../../cli/run';
import { synopsis } from '../../../cli/synopsis';
import { ROOT } from '../../../compile/root';
import { version } from '../../../package.json';
import { Sink } from '../../doubles/cli-stage';

const flat = (text: string): string => text.replaceAll(/\s+/g, ' ');
const commands = ALL_COMMANDS.map((command) => [command.words.join(' '), command] as const);
const groups = FIRST_WORDS.filter((word) => groupOf(word).length > 0);

/** The required help of an option: its name with its value, its effect, and its default. */
const saidOf = (option: Option): string =>
  flat(
    `${option.shown} ${option.help}` +
      (option.type === 'boolean' ? '' : 'needed' in option ? ' (required)' : ` (default: ${option.otherwise})`),
  );

test.each(commands)('help of %s tells each argument and option', (_, command) => {
  const text = flat(helpText(command));
  expect(text).toContain(command.summary);
  expect(text).toContain(`Usage: keyward ${synopsis(command)}`);
  for (const kind of command.parameters) expect(text).toContain(`${kind} ${PARAMETERS[kind].rule}`);
  for (const [name, option] of Object.entries<Option>({ ...command.options, ...OPTIONS })) {
    expect(option.shown).toContain(`--${name}`);
    expect(text).toContain(saidOf(option));
  }
});

test.each(commands)('a choice of %s shows what there is to choose from', (_, { options }) => {
  for (const option of Object.values<Option>(options)) {
    if (option.type === 'string' && option.choices !== undefined)
      expect(option.shown).toContain(option.choices.join('|'));
  }
});

test('help of the program and of each group names each command, and all exit codes', () => {
  const text = flat(helpText());
  for (const [, command] of commands) expect(text).toContain(`${synopsis(command)} ${command.summary}`);
  for (const [code, meaning] of EXIT_MEANINGS) expect(text).toContain(`${code} ${meaning}`);
  for (const group of groups) {
    const ofGroup = flat(helpText({ group }));
    for (const command of groupOf(group)) expect(ofGroup).toContain(`${synopsis(command)} ${command.summary}`);
  }
});

test('one width for all', () => {
  const texts = [
    helpText(),
    ...groups.map((group) => helpText({ group })),
    ...commands.map(([, one]) => helpText(one)),
  ];
  const longest = texts.flatMap((text) => text.split('\n')).sort((a, b) => b.length - a.length)[0];
  expect(longest).toHaveLength(Math.min(HELP_WIDTH, longest?.length ?? 0));
  for (const text of texts) expect(text).toMatch(/[^\n]\n$/);
});

describe('which stream and exit code', () => {
  const ran = async (...argv: string[]): Promise<{ code: number; out: string; err: string }> => {
    const [stdout, stderr] = [new Sink(), new Sink()];
    const code = await run(argv, { stdin: new PassThrough(), stdout, stderr, env: {} });
    return { code, out: stdout.text, err: stderr.text };
  };

  test.each([['help'], ['-h'], ['--help']])('%s is what was asked for', async (argument) => {
    expect(await ran(argument)).toEqual({ code: 0, out: helpText(), err: '' });
  });

  test('nothing given: help, but not as a result', async () => {
    expect(await ran()).toEqual({ code: 2, out: '', err: helpText() });
  });

  test.each([['-V'], ['--version']])('%s', async (argument) => {
    expect(await ran(argument)).toEqual({ code: 0, out: `${version}\n`, err: '' });
  });

  test('the version as JSON', async () => {
    const { code, out } = await ran('--version', '--json');
    expect([code, JSON.parse(out)]).toEqual([0, { version }]);
  });

  test('an error is JSON where --json is an option', async () => {
    const code = 'usage';
    expect(JSON.parse((await ran('--json')).err)).toMatchObject({ code });
    expect((await ran('keys', '--', '--json')).err).toMatch(/^keyward: usage: /);
  });
});

describe('the documentation', () => {
  const documents = ['README.md', ...readdirSync(join(ROOT, 'docs')).map((name) => `docs/${name}`)].filter((name) =>
    name.endsWith('.md'),
  );
  const text = Object.fromEntries(documents.map((name) => [name, readFileSync(join(ROOT, name), 'utf8')]));
  const readme = text['README.md'] ?? '';

  test('README.md has each command as it is called, and each exit code', () => {
    const rows = [...readme.matchAll(/^\| `keyward ([^`]+)` \| (.+) \|$/gm)].map(([, ...cells]) => cells);
    expect(rows).toEqual(commands.map(([, command]) => [synopsis(command), command.summary]));
    for (const [code, meaning] of EXIT_MEANINGS) expect(readme).toContain(`| ${code} | ${meaning} |`);
  });

  /** Command lines in code, up to the first character of shell syntax. */
  const commandLines = documents.flatMap((name) =>
    [...(text[name] ?? '').matchAll(/(?:^|[`|(]|npx )\s*keyward ((?:--?)?[a-z][^`|<>#\n…()["]*)/gm)].map(
      ([, line = '']) => [name, line.trim()] as const,
    ),
  );

  test.each(commandLines)('%s: keyward %s', (_, line) => {
    const argv = line.split(/\s+/).map((word) => word.replace(/[,;:.]$/, ''));
    const refused = ((): string | undefined => {
      try {
        parseArguments(argv);
        return undefined;
      } catch (thrown) {
        if (thrown instanceof CliError) return thrown.detail;
        throw thrown;
      }
    })();
    // A sentence may name a command without its arguments.
    if (refused !== undefined) expect(refused).toMatch(/ is missing|lacks its value/);
  });
});
