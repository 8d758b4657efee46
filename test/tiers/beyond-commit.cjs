/**
 * The test files that only `npm run test:all` runs: they start many processes, wait for clocks, or synthesize other
 * configurations than the one of cdk.json. The comment at each names the tests that cover it in `npm test`.
 */
module.exports = [
  // unit/cli
  'integration/cli/hidden-prompt.test.ts',
  'integration/cli/undo.test.ts',
  'integration/cli/run.test.ts',
  // unit/audit, unit/local/journal/event-line.test.ts, contract/dynamodb/audit-log.test.ts
  'integration/cli/nonces.test.ts',
  // unit/cli/export-audit.test.ts
  'integration/cli/export.test.ts',
  // kill.test.ts, embedded-dynamodb.test.ts
  'integration/power-cut/power-cut.test.ts',
  'integration/local/full-disk.test.ts',
  // unit/local/log
  'integration/local/published-log.test.ts',
  // unit/transparency/attacks.test.ts
  'integration/attacks/aws.test.ts',
  'integration/attacks/directory.test.ts',
  // kill.test.ts, dek-rotation.test.ts, the simulation
  'integration/local/dek-rotation-kill.test.ts',
  // unit/tests/linearizability.test.ts, unit/credentials, the simulation
  'integration/local/linearizable-credentials.test.ts',
  // contract/dynamodb, unit/credentials
  'integration/local/largest-values.test.ts',
  // kill.test.ts, unit/credentials/states-and-writes.test.ts, the simulation
  'integration/local/undo-kill.test.ts',
  // embedded-dynamodb.test.ts
  'contract/worn-store.test.ts',
  // the interruptions at single calls, rotate-kek-interruptions.test.ts, and the pairs of the simulation
  'integration/kek-rotation/rotate-kek-pairs.test.ts',
  // local-mode.test.ts, unit/local
  'integration/local/owned-data-directory.test.ts',
  'integration/local/watched-data-directory.test.ts',
  'integration/local/old-data-directory.test.ts',
  'integration/local/lost-files.test.ts',
  // contract/vault, unit/adapters, bundles.test.ts
  'integration/vault-credentials.test.ts',
  // the other tests of contract/vault
  'contract/vault/leased-credentials-load.test.ts',
  // integration/kek-move, unit/kek-move
  'integration/local/kek-move-kill.test.ts',
  'integration/local/kek-move.test.ts',
  // contract/kek-file-store.test.ts, unit/kek-rotation/kek-rotation-driver.test.ts
  'integration/local/kek-file-rotation.test.ts',
  // unit/cli, unit/kek-rotation/kek-operations.test.ts
  'integration/cli/kek.test.ts',
  // contract/vault, unit/kek-rotation/kek-rotation-driver.test.ts
  'integration/local/vault.test.ts',
  // contract/vault/faults-and-twins.test.ts, contract/vault/vault-session.test.ts
  'integration/vault-faults/faults-under-load.test.ts',
  // contract/vault/policies.test.ts
  'integration/vault-setup.test.ts',
  // vault-rotation
  'integration/vault-faults/rotation-kills.test.ts',
  // unit/http, unit/credentials, infra/api/caller-policies.test.ts
  'integration/local/previous-values.test.ts',
  // bundles.test.ts, unit/runtime
  'integration/wiring.test.ts',
  // contract/vault, unit/runtime, unit/kek-rotation
  'integration/vault-functions.test.ts',
  // unit/kek-move, integration/kek-move, contract/lambda-kek-home-reporter.test.ts, unit/runtime
  'integration/kek-move-functions.test.ts',
  // contract/dynamodb, unit/crypto
  'integration/damaged-rows.test.ts',
  // bundles.test.ts, contract/dynamodb/insert-audit-group.test.ts
  'integration/bundles/concurrent-bundles.test.ts',
  // unit/docs/licences.test.ts
  'integration/bundles/third-party.test.ts',
  // the other tests of the templates, of what cdk.json configures
  'infra/stacks/other-configurations.test.ts',
  'infra/stacks/kek-in-vault.test.ts',
  'infra/stacks/configured-log.test.ts',
  'infra/data/disposable.test.ts',
  'infra/stacks/region-procedure.test.ts',
  'infra/data/kek-secret-policy.test.ts',
  'infra/observability/changed-by-hand.test.ts',
  'infra/api/api-policy.test.ts',
  'infra/stacks/limits.test.ts',
  // infra/stacks/upgrade.test.ts
  'infra/stacks/deploy-order.test.ts',
];
