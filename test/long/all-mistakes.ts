import type { PlantedMistake } from './planted-mistake';

const EVERY_ROUTE = ['test/unit/http/every-route.test.ts'];
const AUDIT_AWAY = ['test/unit/http/audit-away.test.ts'];
const CACHES = ['test/unit/keysets/cache-ages.test.ts'];
const VECTORS = ['test/vectors/own.test.ts', 'test/vectors/second-implementation.test.ts'];
const REKEY = ['test/unit/dek-rotation/rekey.test.ts', 'test/unit/dek-rotation/rotation.test.ts'];

/** A rule that holds for all of a kind, kept for all but one. */
export const ALL_MISTAKES: readonly PlantedMistake[] = [
  {
    name: 'the policy of rotations takes members that nobody knows',
    file: 'lambdas/core/dek-rotation/operations/policy-operations.ts',
    right: 'RotationPolicyRequest: z.strictObject({',
    wrong: 'RotationPolicyRequest: z.object({',
    tests: EVERY_ROUTE,
  },
  {
    name: 'the items of a batch take members that nobody knows',
    file: 'lambdas/core/tokens/operations/token-schemas.ts',
    right: '.array(z.strictObject({ ...shape',
    wrong: '.array(z.object({ ...shape',
    tests: EVERY_ROUTE,
  },
  {
    name: 'null is no reference of an item that is left out',
    file: 'lambdas/core/tokens/operations/token-schemas.ts',
    right: 'reference: optionalMember(reference)',
    wrong: 'reference: z.optional(reference)',
    tests: ['test/unit/http/absent-values.test.ts'],
  },
  {
    name: 'one batch may be no longer than a single call',
    file: 'lambdas/core/tokens/operations/rewrap-operations.ts',
    right: 'maxBodyBytes: MAX_BATCH_BODY_BYTES',
    wrong: 'maxBodyBytes: MAX_BATCH_BODY_BYTES / 4',
    tests: EVERY_ROUTE,
  },
  {
    name: 'the list of rotations takes parameters that nobody knows',
    file: 'lambdas/core/dek-rotation/operations/rotation-operations.ts',
    right: 'query: z.strictObject({ limit: pageSize(MAX_DEK_ROTATIONS_PAGE)',
    wrong: 'query: z.object({ limit: pageSize(MAX_DEK_ROTATIONS_PAGE)',
    tests: EVERY_ROUTE,
  },
  {
    name: 'a page of rotations may be twice as long',
    file: 'lambdas/core/contract/limits.ts',
    right: 'MAX_DEK_ROTATIONS_PAGE = 50',
    wrong: 'MAX_DEK_ROTATIONS_PAGE = 100',
    tests: EVERY_ROUTE,
  },
  {
    name: 'a rewrap leaves no event',
    file: 'lambdas/core/tokens/rewrap.ts',
    right: 'await deps.trail.record(caller, {',
    wrong: 'await (async (..._: unknown[]) => undefined)(caller, {',
    tests: AUDIT_AWAY,
  },
  {
    name: 'a dry run leaves no event',
    file: 'lambdas/core/dek-rotation/dry-run.ts',
    right: 'await deps.trail.record(caller, {',
    wrong: 'await (async (..._: unknown[]) => undefined)(caller, {',
    tests: AUDIT_AWAY,
  },
  {
    name: 'a refusal does not wait for its event',
    file: 'lambdas/core/audit/audit-trail.ts',
    right:
      '    await this.append(caller, { ...entry, metadata: { ...entry.metadata, ...why } }, false, error.message);',
    wrong:
      '    void this.append(caller, { ...entry, metadata: { ...entry.metadata, ...why } }, false, error.message).catch(() => undefined);',
    tests: AUDIT_AWAY,
  },
  {
    name: 'a change is written before it is announced',
    file: 'lambdas/core/audit/audit-trail.ts',
    right: '    await this.recordIntent(caller, entry);\n    const outcome',
    wrong:
      '    const announced = this.recordIntent(caller, entry).catch(() => undefined);\n    await announced;\n    const outcome',
    tests: AUDIT_AWAY,
  },
  {
    name: 'a credential moves without its metadata in the context',
    file: 'lambdas/core/dek-rotation/move-values.ts',
    right: 'credentialContext(provider, name, metadata, previous)',
    wrong: 'credentialContext(provider, name, {}, previous)',
    tests: REKEY,
  },
  {
    name: 'a DEK stays as long as it is used',
    file: 'lambdas/core/keysets/dek-cache.ts',
    right: '        this.hitCount += 1;',
    wrong: '        this.hitCount += 1;\n        cached.loadedAt = this.clock.now();',
    tests: CACHES,
  },
  {
    name: 'a copy of a keyset stays as long as it is used',
    file: 'lambdas/core/keysets/keyset-directory.ts',
    right: 'if (cached && this.isYounger(entry.readAt, entry.refreshAfter)) return entry;',
    wrong:
      'if (cached && this.isYounger(entry.readAt, entry.refreshAfter)) {\n      entry.readAt = this.deps.clock.now();\n      return entry;\n    }',
    tests: CACHES,
  },
  {
    name: "the KEK's copy stays as long as it is used",
    file: 'lambdas/core/keysets/kek-copy.ts',
    right: 'if (this.ageOf(copy) < this.config.refreshAfterMs) return copy.keyset;',
    wrong:
      'if (this.ageOf(copy) < this.config.refreshAfterMs) {\n      copy.confirmedAt = this.config.clock.now();\n      return copy.keyset;\n    }',
    tests: CACHES,
  },
  {
    name: "a region's proof is derived as the record's MAC key is",
    file: 'lambdas/core/dek-rotation/dek-proof.ts',
    right: "deriveMessageKey(dek.key, 'kw1-proof'",
    wrong: "deriveMessageKey(dek.key, 'kw1-mac'",
    tests: VECTORS,
  },
  {
    name: "the record's MAC key is derived as a wrapping key is",
    file: 'lambdas/core/keysets/dek-keyset.ts',
    right: "deriveMessageKey(kek.key, 'kw1-mac'",
    wrong: "deriveMessageKey(kek.key, 'kw1-wrap'",
    tests: VECTORS,
  },
  {
    name: 'who lists the callers of a version is asked for another grant',
    file: 'lambdas/core/audit/operations/audit-operations.ts',
    right: "grant: 'rotations',",
    wrong: "grant: 'audit',",
    tests: ['test/infra/api/caller-policies.test.ts'],
  },
  {
    name: 'a rotation in another state is a bad request',
    file: 'lambdas/core/contract/problems.ts',
    right: 'rotation_state: 409',
    wrong: 'rotation_state: 400',
    tests: ['test/unit/http/problem.test.ts'],
  },
  {
    name: 'an emergency that joins another one leaves no event',
    file: 'lambdas/core/dek-rotation/start-dek-rotation.ts',
    right: 'await noteJoined(deps, caller, command, rotation);',
    wrong: '',
    tests: ['test/unit/dek-rotation/start-and-abort.test.ts'],
  },
  {
    name: 'the reason of giving up is lost where that is refused',
    file: 'lambdas/core/dek-rotation/abort-dek-rotation.ts',
    right: "operation: 'abort_rotation', rotation_id: id, ...givenReason(reasoned)",
    wrong: "operation: 'abort_rotation', rotation_id: id",
    tests: ['test/unit/dek-rotation/start-and-abort.test.ts'],
  },
  {
    name: 'the bar is full before the rotation has ended',
    file: 'cli/commands/dek-rotation-progress.ts',
    right: 'Math.min(fraction, 0.99)',
    wrong: 'fraction',
    tests: ['test/unit/cli/dek-rotation-progress.test.ts'],
  },
  {
    name: 'of an option that is given twice the last one counts',
    file: 'cli/read-options.ts',
    right: 'if (before !== undefined) throw',
    wrong: 'if (before === null) throw',
    tests: ['test/unit/cli/parse-arguments.test.ts'],
  },
];
