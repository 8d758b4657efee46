import type { Howto } from '../howto';

/** A command's words, parameters, call and output are in one place: parser and help follow. */
export const COMMAND: Howto = {
  name: 'a CLI command',
  atMost: 2,
  edits: [
    {
      place: 'KEY_COMMANDS',
      append: `command({
    words: ['key', 'policy'],
    summary: 'show when the key of a provider rotates',
    ...OF_PROVIDER,
    options: {},
    call: (parameters) => ({ method: 'GET', path: \`\${providerPath(parameters)}/rotation-policy\` }),
    shown: () => ({ kind: 'object' }),
  })`,
      uses: ['OF_PROVIDER'],
    },
    {
      file: 'README.md',
      behind: '| `keyward keys [provider]` |',
      line: '| `keyward key policy <provider>` | show when the key of a provider rotates |',
    },
  ],
  tests: ['test/unit/cli'],
  shows: {
    file: 'test/unit/cli/key-policy.test.ts',
    uses: ['helpText', 'parseArguments'],
    text: `
test('the command is parsed, makes its call and is in the help', () => {
  const parsed = parseArguments(['key', 'policy', 'openai']);
  if (parsed.kind !== 'command' || !('call' in parsed.command)) throw new Error('no command that is a call');
  expect(parsed.command.call(parsed.parameters, parsed.options as never, { isLocal: true, now: 0 })).toEqual({
    method: 'GET',
    path: '/v1/providers/openai/rotation-policy',
  });
  expect(helpText()).toContain('key policy <provider>');
});
`,
  },
};
