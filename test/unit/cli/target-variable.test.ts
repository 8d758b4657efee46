import { isVariable, targetFault } from '../../../cli/program/target-variable';

test.each([
  'OPENAI_API_KEY',
  '_x',
  'a1',
  'AWS_SECRET_ACCESS_KEY',
  'CARGO_REGISTRY_TOKEN',
  'GIT_TOKEN',
  'NPM_TOKEN',
  'NODE_ENV',
  'PYTHONUNBUFFERED',
  'PATHS',
  'DOTNET_ENVIRONMENT',
  '__proto__',
  'constructor',
])('%s takes a value', (name) => {
  expect(targetFault(name)).toBeUndefined();
  expect(isVariable(name)).toBe(true);
});

test.each([
  ...[
    'NODE_OPTIONS',
    'LD_PRELOAD',
    'LD_LIBRARY_PATH',
    'LD_AUDIT',
    'DYLD_INSERT_LIBRARIES',
    'PATH',
    'BASH_ENV',
    'ENV',
    'IFS',
  ],
  ...[
    'PYTHONPATH',
    'PYTHONSTARTUP',
    'PERL5LIB',
    'PERL5OPT',
    'RUBYOPT',
    'RUBYLIB',
    'JAVA_TOOL_OPTIONS',
    'GIT_SSH_COMMAND',
  ],
  ...[
    'GIT_DIR',
    'GIT_CONFIG_COUNT',
    'npm_config_script_shell',
    'NPM_CONFIG_NODE_OPTIONS',
    'DOTNET_STARTUP_HOOKS',
    'HOME',
    'EDITOR',
  ],
])('%s does not: programs load code or find programs by it', (name) => {
  expect(targetFault(name)).toMatch(/^controls how programs load code/);
});

test.each(['', '1A', 'A-B', 'A B', 'A=B', 'Ä', 'A\n', 'A\0', 'BASH_FUNC_x%%'])('%j is no name', (name) => {
  expect(targetFault(name)).toMatch(/^must be a name/);
  expect(isVariable(name)).toBe(false);
});

test('what looks like a key is refused and not shown', () => {
  expect(targetFault('sk_example_key')).toBe('looks like a key or token');
  expect(isVariable('sk_example_key')).toBe(false);
});
