/**
 * What is compiled, by the name that a bundle has in dist/: where it begins; `outside`, the packages that it takes from node_modules
 * when it runs, because they have files of their own beside their code; `onDemand`, the packages whose code is not parsed before it
 * is asked for; `isTraced`, whether it tells which lines of the sources its own are of.
 */
const BUNDLES = {
  // It has to start at once, and the search for credentials is several times as long as all the rest.
  keyward: { entry: 'bin/keyward.ts', onDemand: ['@aws-sdk/credential-provider-node'] },
  local: { entry: 'bin/local.ts', outside: ['dynalite', 'swagger-ui-dist'] },
  'embedded-dynamodb-worker': { entry: 'local/database/embedded-dynamodb-worker.ts', outside: ['dynalite'] },
  'journal-thread': { entry: 'local/journal/journal-thread.ts' },
  // CDK notes beside each resource where it was made, and shows it in its errors.
  app: { entry: 'bin/app.ts', outside: ['aws-cdk-lib', 'cdk-nag', 'constructs'], isTraced: true },
};

module.exports = { BUNDLES };
