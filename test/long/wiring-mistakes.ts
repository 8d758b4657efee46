import type { PlantedMistake } from './planted-mistake';

const WIRING = ['test/integration/wiring.test.ts'];

/** A function that asks another region or table than it should. */
export const WIRING_MISTAKES: readonly PlantedMistake[] = [
  {
    name: "a region proves with home's KEK",
    file: 'lambdas/core/runtime/compose-prove-keyset.ts',
    right: 'regions: [{ region, client: createSecretsManagerClient({ region,',
    wrong: 'regions: [{ region, client: createSecretsManagerClient({ region: configuration.homeRegion,',
    tests: WIRING,
  },
  {
    name: "a region proves with home's keyset",
    file: 'lambdas/core/runtime/compose-prove-keyset.ts',
    right: 'const keysets = keysetsIn(region);',
    wrong: 'const keysets = keysetsIn(configuration.homeRegion);',
    tests: WIRING,
  },
  {
    name: 'home asks itself for every proof',
    file: 'lambdas/core/runtime/compose-rotations.ts',
    right: 'createLambdaRegionProver({ region, functionName,',
    wrong: 'createLambdaRegionProver({ region: homeRegion, functionName,',
    tests: WIRING,
  },
  {
    name: 'events go to home',
    file: 'lambdas/core/runtime/composition-root.ts',
    right: '    client: clientOf(region),\n    table: tables.audit,',
    wrong: '    client: clientOf(homeRegion),\n    table: tables.audit,',
    tests: WIRING,
  },
  {
    name: 'local reads of credentials go to home',
    file: 'lambdas/core/runtime/composition-root.ts',
    right: 'region === homeRegion ? homeCredentials : credentialsIn(region)',
    wrong: 'region === homeRegion ? homeCredentials : homeCredentials',
    tests: WIRING,
  },
  {
    name: 'the retention of the events of rotations is not passed on',
    file: 'lambdas/core/runtime/compose-rotations-api.ts',
    right: '...(auditRetentionDays !== undefined && { retentionDays: auditRetentionDays }),',
    wrong: '',
    tests: WIRING,
  },
  {
    name: 'intents are looked for in the table of reports',
    file: 'lambdas/core/runtime/compose-rotations.ts',
    right: 'createOpenIntents({ client, table: tables.audit, clock })',
    wrong: 'createOpenIntents({ client, table: tables.rotations, clock })',
    tests: WIRING,
  },
  {
    name: 'the other regions come before home',
    file: 'lambdas/core/keysets/keyset-directory.ts',
    right: '[local, home, ...others]',
    wrong: '[local, ...others, home]',
    tests: WIRING,
  },
  {
    name: 'the configured region of the secret is not asked first',
    file: 'lambdas/core/runtime/composition-root.ts',
    right: 'configuration.secretsRegions.map(',
    wrong: 'configuration.regions.map(',
    tests: WIRING,
  },
  {
    name: 'the shown keysets are those of home',
    file: 'lambdas/core/runtime/composition-root.ts',
    right: 'keysetsToShow: local,',
    wrong: 'keysetsToShow: home,',
    tests: WIRING,
  },
  {
    name: 'the events of rotations go to home',
    file: 'lambdas/core/runtime/compose-rotations-api.ts',
    right: 'client: region === homeRegion ? home :',
    wrong: 'client: region !== "" ? home :',
    tests: WIRING,
  },
  {
    name: 'the rewrap asks home alone for the new KEK',
    file: 'lambdas/core/runtime/compose-rewrap-deks.ts',
    right: '...others.map((region) => kekStoreIn(parts, region))]',
    wrong: '...others.map(() => kekStoreIn(parts, homeRegion))]',
    tests: WIRING,
  },
];
