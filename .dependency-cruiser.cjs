/** The layering of the design: handler -> use case -> domain and ports <- adapters; only the composition root imports adapters. */
const layer = (name, from, to, comment) => ({ name, comment, severity: 'error', from, to });

module.exports = {
  forbidden: [
    layer(
      'no-circular',
      {},
      { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
      'A cycle hides which layer owns what.',
    ),
    layer(
      'domain-is-pure',
      { path: '^lambdas/core/domain/' },
      { pathNot: '^(lambdas/core/domain/|(node:)?crypto$)' },
      'The domain is bytes and values: nothing but node:crypto.',
    ),
    layer(
      'ports-know-only-the-domain',
      { path: '^lambdas/core/ports/' },
      { pathNot: '^lambdas/core/(domain|ports)/' },
      'A port speaks in values of the domain.',
    ),
    layer(
      'usecases-know-domain-and-ports',
      { path: '^lambdas/core/usecases/' },
      { pathNot: '^(lambdas/core/(domain|ports|usecases)/|(node:)?crypto$|node_modules/lru-cache/)' },
      'A use case must run without HTTP, AWS or a file system.',
    ),
    layer(
      'http-does-not-reach-adapters',
      { path: '^lambdas/core/http/' },
      { path: '^(lambdas/adapters|lib|bin)/|node_modules/@aws-sdk/' },
      'HTTP mapping translates; it does no I/O of its own.',
    ),
    layer(
      'adapters-do-not-know-usecases',
      { path: '^lambdas/adapters/' },
      { path: '^(lambdas/core/(usecases|http)/|lambdas/core/[^/]+\\.ts$|lambdas/[^/]+/handler\\.ts$|bin/|lib/)' },
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
        pathNot: '^lambdas/core/(composition-root|compose-[a-z-]+)\\.ts$',
      },
      { path: '^lambdas/adapters/' },
      'What is plugged in where is decided in one place: for the functions behind the API, and for those beside it.',
    ),
    layer(
      'lib-does-not-import-runtime',
      { path: '^lib/' },
      { path: '^lambdas/', pathNot: '^lambdas/core/environment\\.ts$' },
      'What is deployed knows what runs by names of environment variables alone.',
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
