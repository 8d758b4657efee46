/**
 * Data flows one way: handler -> operation -> use case -> crypto and ports <- adapters. Each rule is shown to fail in
 * test/integration/dependency-rules.test.ts.
 */
const rule = (name, from, to, comment) => ({ name, comment, severity: 'error', from, to });

/**
 * What Keyward does, by its subject, and which files of each the other areas may use: its records, its ports, and what it does for
 * them. Everything else is its own. Runtime and local mode, which put all together, may use any.
 */
const EXPORTED = {
  audit: [
    'audit-event',
    'audit-record',
    'audit-trail',
    'close-intents',
    'event-line',
    'operations/event-id',
    'ports/audit-log',
    'ports/open-intents',
    'read-audit-log',
    'recorded-read',
  ],
  credentials: [
    'credential',
    'expire-previous',
    'held-values',
    'open-credential',
    'ports/credential-scanner',
    'ports/credential-store',
    'write-page',
  ],
  'dek-rotation': ['dek-proof', 'ports/dek-rotation-store', 'ports/region-prover'],
  health: [],
  'kek-move': ['kek-move-guard', 'kek-move-view', 'operations/kek-move-schemas', 'ports/kek-move-store'],
  'kek-rotation': ['ports/kek-rotation', 'ports/kek-secret-store', 'ports/rewrap-queue', 'staged-versions'],
  keysets: [
    'create-keyset-access',
    'dek-cache',
    'dek-keyset',
    'key-version-view',
    'keyset-access',
    'keyset-directory',
    'keyset-record',
    'keyset-writer',
    'known-provider',
    'operations/version-schemas',
    'ports/keyset-scanner',
    'ports/keyset-store',
    'ports/sealing-guard',
    'ports/secrets-provider',
    'read-stored-keysets',
    'step-context',
    'verify-with-newest-kek',
  ],
  refusals: [],
  tokens: [],
  transparency: [],
};

/** Records that adapters store and read, and the functions that check them. */
const RECORDS = [
  'audit/audit-event',
  'audit/audit-record',
  'audit/event-line',
  'credentials/credential',
  'credentials/held-values',
  'dek-rotation/dek-rotation-report',
  'kek-move/kek-move-record',
  'keysets/keyset-record',
  'transparency/archive-path',
  'transparency/log-fault',
];

/** What every adapter of a port is built around: its caching, for one, which no adapter may do in its own way. */
const BUILT_AROUND = ['keysets/kek-copy'];

/** Public keys of the transparency log, which adapters make from private ones and write. */
const LOG_KEYS = ['transparency/log-keys', 'transparency/signing-pair', 'transparency/verifier-key'];

const PRODUCT = '^(bin|cli|compile|lambdas|lib|local)/';
const CORE = '^lambdas/core';
const AREAS = Object.keys(EXPORTED).join('|');
const AREA = `${CORE}/(${AREAS})/`;
const files = (names) => `(?:${names.join('|')})\\.ts$`;

const exported = Object.entries(EXPORTED).map(([area, names]) =>
  rule(
    `${area}-keeps-the-rest-to-itself`,
    { path: AREA, pathNot: `${CORE}/${area}/` },
    { path: `${CORE}/${area}/`, ...(names.length > 0 && { pathNot: `${CORE}/${area}/${files(names)}` }) },
    'An area uses of another what that exports for it: EXPORTED, above.',
  ),
);

module.exports = {
  forbidden: [
    rule(
      'no-circular',
      { path: PRODUCT },
      { circular: true },
      'A cycle hides which part owns what, one of types, too.',
    ),
    rule(
      'no-circular-tests',
      { path: '^(test|bench)/' },
      { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
      'What loads each other depends on who is first.',
    ),
    rule(
      'contract-imports-nothing',
      { path: `${CORE}/contract/` },
      { pathNot: `${CORE}/contract/` },
      'What all sides share must load everywhere: constants, types, and what is reckoned from them.',
    ),
    rule(
      'errors-know-nothing-else',
      { path: `${CORE}/errors/` },
      { pathNot: `${CORE}/(errors|contract)/` },
      'Everything throws errors, so they know nobody.',
    ),
    rule(
      'crypto-is-pure',
      { path: `${CORE}/crypto/` },
      { pathNot: `${CORE}/(crypto|contract|errors)/|^(node:)?crypto$` },
      'Formats and keys are bytes and values: nothing but node:crypto, patterns and limits, and the errors that all throw, which are data.',
    ),
    rule(
      'ports-speak-in-values',
      { path: `${CORE}/ports/` },
      { pathNot: `${CORE}/(ports|contract|crypto|errors)/` },
      'What every area asks of the outside names no area.',
    ),
    rule(
      'areas-know-crypto-contract-errors-and-ports',
      { path: AREA, pathNot: `${CORE}/[^/]+/operations/` },
      {
        pathNot: `${CORE}/(${AREAS}|contract|crypto|errors|ports)/|^(node:)?crypto$|node_modules/(lru-cache|zod)/`,
      },
      'A use case must run without HTTP, AWS or a file system.',
    ),
    rule(
      'use-cases-know-no-operations',
      { path: AREA, pathNot: `${CORE}/[^/]+/operations/` },
      { path: `${CORE}/[^/]+/operations/` },
      'An operation calls use cases; no use case knows how it is called.',
    ),
    rule(
      'operations-know-their-area-and-http',
      { path: `${CORE}/[^/]+/operations/` },
      { pathNot: `${CORE}/(${AREAS}|http|contract|crypto|errors|ports)/|^(node:)?crypto$|node_modules/zod/` },
      'An operation is declared in terms of its area and of the engine.',
    ),
    ...exported,
    rule(
      'http-knows-no-area',
      { path: `${CORE}/http/` },
      {
        pathNot: `${CORE}/(http|contract|crypto|errors|ports)/|^(node:)?(buffer|http)$|node_modules/(zod|@types/aws-lambda)/`,
      },
      'The engine serves any operation.',
    ),
    rule(
      'adapters-know-ports-and-records',
      { path: '^lambdas/adapters/' },
      {
        path: PRODUCT,
        pathNot: `^lambdas/adapters/|${CORE}/(contract|crypto|errors|ports|[^/]+/ports)/|${CORE}/${files([...RECORDS, ...BUILT_AROUND, ...LOG_KEYS])}`,
      },
      'Adapters implement ports; who calls them is not their business.',
    ),
    rule(
      'adapters-do-not-share',
      { path: '^lambdas/adapters/([^/]+)/' },
      { path: '^lambdas/adapters/', pathNot: '^lambdas/adapters/$1/' },
      'Adapters that look alike today diverge tomorrow.',
    ),
    rule(
      'only-runtime-imports-adapters',
      { path: '^lambdas/(core|[^/]+/handler)', pathNot: `${CORE}/runtime/(lazy-runtime|compose-[a-z-]+)\\.ts$` },
      { path: '^lambdas/adapters/' },
      'What is plugged in where is decided in one place.',
    ),
    rule(
      'nothing-below-knows-a-handler',
      { path: '^lambdas/(core|adapters)/' },
      { path: '^(lambdas/[^/]+/handler\\.ts$|bin/|cli/|compile/|lib/|local/)' },
      'What runs does not know what starts or deploys it.',
    ),
    rule(
      'lib-knows-the-contract-alone',
      { path: '^lib/' },
      { path: '^(bin|cli|lambdas|local)/', pathNot: `${CORE}/contract/` },
      'What is deployed knows what runs by the facts that both share.',
    ),
    rule(
      'cli-knows-the-api-alone',
      { path: '^cli/' },
      {
        path: '^(bin|lambdas|lib|local)/',
        pathNot: `${CORE}/((contract|crypto|errors)/|credentials/(value-rule|pem-blocks)\\.ts$|ports/map-concurrently\\.ts$|transparency/(archive-path|audit-finding|check-seen|checkpoint|follow-hand-overs|log-keys|log-path|parse-trust-policy|ports/log-files|publisher-state|signed-note|tile-paths|trust-policy|verifier-key|verify-audit)\\.ts$)|^local/(identity/credentials-file|examine-vault|log/examine-log)\\.ts$`,
      },
      'The command is a client: it knows calls, formats and limits, the rule for values and PEM in them, how a published log is verified and copied, the file of credentials that npm start writes, and how npm start examines Vault and its transparency log.',
    ),
    rule(
      'local-mode-is-not-deployed',
      { path: '^local/' },
      { path: '^(bin|cli|lib)/' },
      'Local mode runs what the Lambdas run; what deploys them is another program.',
    ),
    rule(
      'no-dev-dependency-at-run-time',
      { path: PRODUCT },
      { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
      'What a Lambda, a user or an operator runs must be there after npm ci --omit=dev.',
    ),
    rule('not-to-test', { pathNot: '^(test|bench)/' }, { path: '^(test|bench)/' }, 'Tests are nobody’s library.'),
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
