import type { PlantedMistake } from './planted-mistake';

const WIRING = ['test/integration/wiring.test.ts'];
const KEK_MOVE = ['test/integration/kek-move-functions.test.ts'];

/** A function that asks another region or table than it should. */
export const WIRING_MISTAKES: readonly PlantedMistake[] = [
  {
    name: "a region proves with home's KEK",
    file: 'lambdas/core/runtime/compose-system.ts',
    right: 'kekReading(deps, [region])',
    wrong: 'kekReading(deps, [deps.configuration.homeRegion])',
    tests: WIRING,
  },
  {
    name: "a region proves with home's keyset",
    file: 'lambdas/core/runtime/compose-system.ts',
    right: 'const keysets = keysetsIn(deps, region);',
    wrong: 'const keysets = keysetsIn(deps, deps.configuration.homeRegion);',
    tests: WIRING,
  },
  {
    name: 'home asks itself for every proof',
    file: 'lambdas/core/runtime/compose-system.ts',
    right: '...others.map((region) => proverIn(deps, region))]',
    wrong: '...others.map(() => proverIn(deps, homeRegion))]',
    tests: WIRING,
  },
  {
    name: 'events go to home',
    file: 'lambdas/core/runtime/compose-api.ts',
    right: '    auditSink: auditSinkAt(deps, region),\n    secrets',
    wrong: '    auditSink: auditSinkAt(deps, deps.configuration.homeRegion),\n    secrets',
    tests: WIRING,
  },
  {
    name: 'local reads of credentials go to home',
    file: 'lambdas/core/runtime/compose-api.ts',
    right: 'region === homeRegion ? home : credentialsIn(deps, region)',
    wrong: 'region === homeRegion ? home : home',
    tests: WIRING,
  },
  {
    name: 'the retention of the events of rotations is not passed on',
    file: 'lambdas/core/runtime/compose-adapters.ts',
    right: 'table: deps.configuration.tables.audit, ...retention(deps) })',
    wrong: 'table: deps.configuration.tables.audit })',
    tests: WIRING,
  },
  {
    name: 'intents are looked for in the table of reports',
    file: 'lambdas/core/runtime/compose-adapters.ts',
    right: 'createOpenIntents({ client: dynamodbIn(deps, region), table: deps.configuration.tables.audit,',
    wrong: 'createOpenIntents({ client: dynamodbIn(deps, region), table: deps.configuration.tables.rotations,',
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
    right: 'secrets: secretsFrom(deps, secretsRegions)',
    wrong: 'secrets: secretsFrom(deps, deps.configuration.regions)',
    tests: WIRING,
  },
  {
    name: 'the shown keysets are those of home',
    file: 'lambdas/core/runtime/compose-api.ts',
    right: 'keysetUseCases({ keysets: keysetsIn(deps, region), providers })',
    wrong: 'keysetUseCases({ keysets: keysetsIn(deps, deps.configuration.homeRegion), providers })',
    tests: WIRING,
  },
  {
    name: 'the events of rotations go to home',
    file: 'lambdas/core/runtime/compose-api.ts',
    right: 'const auditSink = auditSinkIn(deps, region);',
    wrong: 'const auditSink = auditSinkIn(deps, deps.configuration.homeRegion);',
    tests: WIRING,
  },
  {
    name: 'the rewrap asks home alone for the new KEK',
    file: 'lambdas/core/runtime/compose-system.ts',
    right: '...others.map((region) => kekVersionOf(deps, region))]',
    wrong: '...others.map(() => kekSecretIn(deps, homeRegion))]',
    tests: WIRING,
  },
  {
    name: 'Secrets Manager rotates a KEK that is being moved',
    file: 'lambdas/core/runtime/compose-system.ts',
    right: 'new RotateKek({ ...parts, secret, moves: guardOf(deps, home) })',
    wrong: 'new RotateKek({ ...parts, secret })',
    tests: KEK_MOVE,
  },
  {
    name: 'the sweep does not go on with a move',
    file: 'lambdas/core/runtime/compose-system.ts',
    right: '{ advanceMove: kekRotatorIn(deps, homeRegion).move }',
    wrong: '{}',
    tests: KEK_MOVE,
  },
  {
    name: 'both homes of the KEK are read as one',
    file: 'lambdas/core/runtime/compose-kek-homes.ts',
    right: 'secrets: Object.fromEntries(readers),',
    wrong: 'secrets: { aws: only, vault: only },',
    tests: KEK_MOVE,
  },
];
