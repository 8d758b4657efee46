import tseslint from 'typescript-eslint';

export default tseslint.config(
  {
    ignores: [
      '.cache/**',
      'node_modules',
      'coverage',
      'cdk.out',
      'dist',
      '.keyward',
      'jest.config.js',
      'jest.beyond.config.js',
      'jest.commit.config.js',
      'test/tiers/*.cjs',
      '.dependency-cruiser.cjs',
    ],
  },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      'no-console': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { varsIgnorePattern: '^_', argsIgnorePattern: '^_' }],
    },
  },
  {
    // Two readers of one text must not take it in two ways: only `readStrictJson` reads JSON, and cdk.json is CDK's to read.
    files: ['bin/**', 'cli/**', 'client/**', 'lambdas/**', 'lib/**', 'local/**'],
    ignores: ['lambdas/core/crypto/strict-json.ts'],
    rules: {
      'no-restricted-properties': ['error', { object: 'JSON', property: 'parse', message: 'Use readStrictJson.' }],
    },
  },
  { files: ['bin/**', 'local/**', 'bench/**', 'test/*.ts', 'test/simulation/main.ts'], rules: { 'no-console': 'off' } },
  {
    files: ['test/**'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
    },
  },
  {
    // A call in a test's preparation that failed, and that nobody looked at, makes what comes after it mean nothing.
    files: ['bench/**', 'test/e2e/**', 'test/integration/**'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector:
            'ExpressionStatement > AwaitExpression > CallExpression:matches([callee.name=/^(call|ask)$/][arguments.length>1], [callee.name="request"][arguments.length>2], [callee.property.name=/^(call|ask)$/][arguments.length>1])',
          message: 'Look at the reply: answered(await …), or expect its status.',
        },
      ],
    },
  },
  { files: ['**/*.mjs', '**/*.cjs'], extends: [tseslint.configs.disableTypeChecked] },
  // What runs before anything is compiled.
  { files: ['**/*.cjs'], rules: { '@typescript-eslint/no-require-imports': 'off' } },
);
