import type { PlantedMistake } from './planted-mistake';

const WIRING = ['test/integration/wiring.test.ts'];

/** A function that asks another region or table than it should. */
export const WIRING_MISTAKES: readonly PlantedMistake[] = [
  {
    name: "a region proves with home's KEK",
    file: 'lambdas/core/runtime/compose-system.ts',
    right: 'secrets: secretsFrom(on, [region])',
    wrong: 'secrets: secretsFrom(on, [on.configuration.homeRegion])',
    tests: WIRING,
  },
  {
    name: "a region proves with home's keyset",
    file: 'lambdas/core/runtime/compose-system.ts',
    right: 'const keysets = keysetsIn(on, region);',
    wrong: 'const keysets = keysetsIn(on, on.configuration.homeRegion);',
    tests: WIRING,
  },
  {
    name: 'home asks itself for every proof',
    file: 'lambdas/core/runtime/compose-system.ts',
    right: '...others.map((region) => proverIn(on, region))]',
    wrong: '...others.map(() => proverIn(on, homeRegion))]',
    tests: WIRING,
  },
  {
    name: 'events go to home',
    file: 'lambdas/core/runtime/compose-api.ts',
    right: '    auditSink: auditSinkIn(on, region),\n    secrets',
    wrong: '    auditSink: auditSinkIn(on, on.configuration.homeRegion),\n    secrets',
    tests: WIRING,
  },
  {
    name: 'local reads of credentials go to home',
    file: 'lambdas/core/runtime/compose-api.ts',
    right: 'region === homeRegion ? home : credentialsIn(on, region)',
    wrong: 'region === homeRegion ? home : home',
    tests: WIRING,
  },
  {
    name: 'the retention of the events of rotations is not passed on',
    file: 'lambdas/core/runtime/compose-adapters.ts',
    right: 'table: on.configuration.tables.audit, ...retention(on) })',
    wrong: 'table: on.configuration.tables.audit })',
    tests: WIRING,
  },
  {
    name: 'intents are looked for in the table of reports',
    file: 'lambdas/core/runtime/compose-adapters.ts',
    right: 'createOpenIntents({ client: dynamodbIn(on, region), table: on.configuration.tables.audit,',
    wrong: 'createOpenIntents({ client: dynamodbIn(on, region), table: on.configuration.tables.rotations,',
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
    file: 'lambdas/core/runtime/compose-api.ts',
    right: 'secrets: secretsFrom(on, secretsRegions)',
    wrong: 'secrets: secretsFrom(on, on.configuration.regions)',
    tests: WIRING,
  },
  {
    name: 'the shown keysets are those of home',
    file: 'lambdas/core/runtime/compose-api.ts',
    right: 'keysetUseCases({ keysets: keysetsIn(on, region), providers })',
    wrong: 'keysetUseCases({ keysets: keysetsIn(on, on.configuration.homeRegion), providers })',
    tests: WIRING,
  },
  {
    name: 'the events of rotations go to home',
    file: 'lambdas/core/runtime/compose-api.ts',
    right: 'region, auditSink: auditSinkIn(on, region) })',
    wrong: 'region, auditSink: auditSinkIn(on, on.configuration.homeRegion) })',
    tests: WIRING,
  },
  {
    name: 'the rewrap asks home alone for the new KEK',
    file: 'lambdas/core/runtime/compose-system.ts',
    right: '...others.map((region) => kekSecretIn(on, region))]',
    wrong: '...others.map(() => kekSecretIn(on, homeRegion))]',
    tests: WIRING,
  },
];
