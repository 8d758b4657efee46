/**
 * The bundles, by their names in dist/: entry point; `outside`, packages loaded from node_modules at run time, because they have
 * files beside their code; `onDemand`, packages whose code is parsed only on demand; `isTraced`, whether it maps its lines to
 * those of the sources.
 */
const BUNDLES = {
  // Has to start at once, and the search for credentials is several times as large as the rest.
  keyward: { entry: 'bin/keyward.ts', onDemand: ['@aws-sdk/credential-provider-node'] },
  local: { entry: 'bin/local.ts', outside: ['dynalite', 'swagger-ui-dist'] },
  'embedded-dynamodb-worker': { entry: 'local/database/embedded-dynamodb-worker.ts', outside: ['dynalite'] },
  'journal-thread': { entry: 'local/journal/journal-thread.ts' },
  'log-thread': { entry: 'local/log/log-thread.ts' },
  // CDK records where each resource was made, and shows it in its errors.
  app: { entry: 'bin/app.ts', outside: ['aws-cdk-lib', 'cdk-nag', 'constructs'], isTraced: true },
};

module.exports = { BUNDLES };
