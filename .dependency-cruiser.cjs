/** The layering of the design: handler -> use case -> domain and ports <- adapters; only the composition root imports adapters. */
const layer = (name, from, to, comment) => ({ name, comment, severity: 'error', from, to });

/** What Keyward does, by its subject. */
const AREAS = 'audit|credentials|dek-rotation|health|kek-rotation|keysets|tokens';

module.exports = {
  forbidden: [
    layer(
      'no-circular',
      {},
      { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
      'A cycle hides which layer owns what.',
    ),
    layer(
      'contract-imports-nothing',
      { path: '^lambdas/core/contract/' },
      { pathNot: '^lambdas/core/contract/' },
      'Constants and types that what is deployed, the command line and local mode share with what runs.',
    ),
    layer(
      'crypto-is-pure',
      { path: '^lambdas/core/crypto/' },
      { pathNot: '^(lambdas/core/(contract|crypto|errors)/|(node:)?crypto$)' },
      'Formats and keys are bytes and values: nothing but node:crypto, facts, and the errors that all throw.',
    ),
    layer(
      'ports-know-no-usecase',
      { path: `^lambdas/core/(ports|(${AREAS})/ports)/` },
      { path: '^lambdas/(core/(http|runtime)/|adapters/|[^/]+/handler)' },
      'A port speaks in values.',
    ),
    layer(
      'areas-know-areas-and-ports',
      { path: `^lambdas/core/(${AREAS})/`, pathNot: `^lambdas/core/(${AREAS})/operations/` },
      {
        pathNot: `^(lambdas/core/(${AREAS}|contract|crypto|errors|ports)/|(node:)?crypto$|node_modules/(lru-cache|zod)/)`,
      },
      'A use case must run without HTTP, AWS or a file system.',
    ),
    layer(
      'operations-know-areas-and-http',
      { path: `^lambdas/core/(${AREAS})/operations/` },
      { pathNot: `^(lambdas/core/(${AREAS}|contract|crypto|errors|http|ports)/|(node:)?crypto$|node_modules/zod/)` },
      'A call of the API is its area’s; what all calls have is the engine’s.',
    ),
    layer(
      'use-cases-do-not-know-operations',
      { path: `^lambdas/core/(${AREAS})/`, pathNot: `^lambdas/core/(${AREAS})/operations/` },
      { path: `^lambdas/core/(${AREAS})/operations/` },
      'Who calls a use case is not its business.',
    ),
    layer(
      'http-knows-no-area',
      { path: '^lambdas/core/http/' },
      {
        pathNot:
          '^(lambdas/core/(contract|crypto|errors|http|ports)/|(node:)?(buffer|crypto|http)$|node_modules/zod/|node_modules/@types/aws-lambda/)',
      },
      'The engine serves whatever is declared.',
    ),
    layer(
      'adapters-do-not-know-usecases',
      { path: '^lambdas/adapters/' },
      {
        path: '^(lambdas/core/(http|runtime|health|tokens|[a-z-]+/operations)/|lambdas/[^/]+/handler\\.ts$|bin/|lib/)',
      },
      'Adapters implement ports; who calls them is not their business.',
    ),
    layer(
      'adapters-do-not-share',
      { path: '^lambdas/adapters/([^/]+)/' },
      { path: '^lambdas/adapters/', pathNot: '^lambdas/adapters/$1/' },
      'Adapters that look alike today diverge tomorrow.',
    ),
    layer(
      'only-the-composition-roots-import-adapters',
      {
        path: '^lambdas/(core|[^/]+/handler)',
        pathNot: '^lambdas/core/runtime/(lazy-runtime|compose-[a-z-]+)\\.ts$',
      },
      { path: '^lambdas/adapters/' },
      'What is plugged in where is decided in one place: for the functions behind the API, and for those beside it.',
    ),
    layer(
      'lib-does-not-import-runtime',
      { path: '^lib/' },
      { path: '^lambdas/', pathNot: '^lambdas/core/contract/' },
      'What is deployed shares constants and types with what runs, and no code.',
    ),
    layer(
      'cli-knows-facts-and-readers',
      { path: '^cli/' },
      {
        path: '^(lambdas|lib|local)/',
        pathNot:
          '^(lambdas/core/(contract/|crypto/(key-version|provider|record-checks|strict-json|utf8)\\.ts$|errors/errors\\.ts$)|local/identity/credentials-file\\.ts$)',
      },
      'The command line is a client: of what runs it shares facts, and what reads a text without doing anything.',
    ),
    layer(
      'no-dev-dependency-at-run-time',
      { path: '^(bin|cli|compile|lambdas|lib|local)/' },
      { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
      'What a Lambda, a user or an operator runs must be there after npm ci --omit=dev.',
    ),
    layer('not-to-test', { pathNot: '^(test|bench)/' }, { path: '^(test|bench)/' }, 'Tests are nobody’s library.'),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
