import { COMMANDS } from '../../../cli/commands';
import { OPTIONS, type Option } from '../../../cli/options';
import { parseArguments } from '../../../cli/parse-arguments';
import { matchRoute } from '../../../lambdas/core/http/router';
import { OPERATIONS } from '../../../lambdas/core/runtime/operations';

/** Shells offer the values of an option by its name, too. How often it may be given is looked at once the command is known. */
const parsedAs = (option: Option) =>
  option.type === 'boolean' ? [option.type] : [option.type, option.choices, option.completions];
const ways = new Map<string, unknown[]>();
for (const command of COMMANDS) {
  for (const [name, option] of Object.entries<Option>(command.options)) {
    ways.set(name, [...(ways.get(name) ?? []), parsedAs(option)]);
  }
}

// Options may stand before the command, so that one parse has to do for all.
test.each([...ways])('--%s is parsed in one way, whichever command has it', (name, [first, ...others]) => {
  for (const other of others) expect(other).toEqual(first);
  expect(Object.keys(OPTIONS)).not.toContain(name);
});

test.each(COMMANDS.map(({ words }) => words.join(' ')))('no other command hides %s', (name) => {
  const parsed = parseArguments([...name.split(' '), '--help']);
  expect(parsed).toMatchObject({ kind: 'help', topic: { words: name.split(' ') } });
});

test.each(
  COMMANDS.filter((command) => 'work' in command).map((command) => [command.words.join(' '), command] as const),
)('the work of %s is found', async (_, command) => {
  expect(await command.work()).toBeInstanceOf(Function);
});

const PARAMETERS = {
  provider: 'openai',
  name: 'main',
  id: '0123456789abcdef0123456789abcdef',
  event: '01a1fd557a80'.padEnd(32, '0'),
  version: '2',
} as const;

test.each(COMMANDS.flatMap((command) => ('work' in command ? [] : [[command.words.join(' '), command] as const])))(
  '%s makes a call that the API has, with and without what may be left out',
  (_, { parameters, required, call }) => {
    for (const count of new Set([required, parameters.length])) {
      const given = parameters.slice(0, count).map((kind) => PARAMETERS[kind as keyof typeof PARAMETERS]);
      const { method, path } = call(given, {}, { isLocal: true, now: 0 });
      expect(matchRoute(OPERATIONS, method, path)).toMatchObject({ kind: 'route' });
    }
  },
);
