import type { PlantedMistake } from './planted-mistake';

const dynamodb = 'lambdas/adapters/aws/dynamodb';
const secretsManager = 'lambdas/adapters/aws/secrets-manager';

const KEYSETS = ['test/contract/dynamodb/keyset-store.test.ts'];
const CREDENTIALS = ['test/contract/dynamodb/credential-store.test.ts'];
const SCANNER = ['test/contract/dynamodb/credential-scanner.test.ts'];
const ROTATIONS = ['test/contract/dynamodb/dek-rotation-store.test.ts'];
const AUDIT = ['test/contract/dynamodb/audit-log.test.ts'];
const INSERTS = ['test/contract/dynamodb/insert-audit-group.test.ts'];
const KEK_SECRET = ['test/contract/kek-secret-store.test.ts'];
const ROTATION_QUEUE = ['test/contract/dek-rotation-queue.test.ts'];
const PROVER = ['test/contract/region-prover.test.ts'];

/**
 * Adapters that keep less than their ports promise: conditions that are dropped or weakened, and answers that are lost and judged
 * wrongly. `test/contract/mutants.test.ts` plants fifteen more into every method of every port, and
 * `test/contract/dynamodb/conditions.test.ts` weakens each condition of each write on its way to the table.
 */
export const CONTRACT_MISTAKES: readonly PlantedMistake[] = [
  {
    name: 'a keyset is replaced whatever its revision',
    file: `${dynamodb}/dynamodb-keyset-store.ts`,
    right: "REVISION_AS_READ = 'revision = :expected'",
    wrong: "REVISION_AS_READ = 'revision >= :expected'",
    tests: KEYSETS,
  },
  {
    name: 'a keyset is created over one that is there',
    file: `${dynamodb}/dynamodb-keyset-store.ts`,
    right: 'this.put(record, 0, { ConditionExpression: NO_RECORD_YET })',
    wrong: 'this.put(record, 0, {})',
    tests: KEYSETS,
  },
  {
    name: 'a replaced keyset is judged by another revision once the answer is lost',
    file: `${dynamodb}/dynamodb-keyset-store.ts`,
    right: 'isUnchanged: stillAtRevision(expectedRevision)',
    wrong: 'isUnchanged: stillAtRevision(record.revision)',
    tests: KEYSETS,
  },
  {
    name: 'a keyset is read as a replica may still have it',
    file: `${dynamodb}/dynamodb-keyset-store.ts`,
    right: 'Key: { provider }, ConsistentRead: true',
    wrong: 'Key: { provider }, ConsistentRead: false',
    tests: KEYSETS,
  },
  {
    name: 'of all keysets the first page alone',
    file: `${dynamodb}/dynamodb-keyset-store.ts`,
    right: 'start = lastKey;',
    wrong: 'start = undefined;',
    tests: KEYSETS,
  },
  {
    name: 'a write that was applied counts as refused once the SDK has tried it again',
    file: `${dynamodb}/conditional-write.ts`,
    right: "  if (found === 'ours') return 'written';\n  if (answer === 'refused') return 'refused';",
    wrong: "  if (answer === 'refused' || answer === 'refused_late') return 'refused';",
    tests: KEYSETS,
  },
  {
    name: 'a write that may have been applied and replaced counts as refused',
    file: `${dynamodb}/conditional-write.ts`,
    right: "answer === 'refused_late' || found !== 'unchanged') return 'unknown'",
    wrong: "answer === 'refused_late' || found !== 'unchanged') return 'refused'",
    tests: KEYSETS,
  },
  {
    name: 'a lost answer is not looked after the second time',
    file: `${dynamodb}/conditional-write.ts`,
    right: "  if (found !== 'unchanged') return 'unknown';\n  throw lost;",
    wrong: '  throw lost;',
    tests: KEYSETS,
  },
  {
    name: 'a credential moves to the new key over what a user has written since',
    file: `${dynamodb}/dynamodb-credential-store.ts`,
    right: "WRITE_AS_READ = 'write_id = :expected'",
    wrong: "WRITE_AS_READ = 'attribute_exists(write_id) OR write_id = :expected'",
    tests: CREDENTIALS,
  },
  {
    name: 'a credential whose write is lost is replaced though it has one again',
    file: `${dynamodb}/dynamodb-credential-store.ts`,
    right: "'revision = :expected AND (NOT attribute_type(write_id, :text) OR write_id = :empty)'",
    wrong: "'revision = :expected OR (NOT attribute_type(write_id, :text) OR write_id = :empty)'",
    tests: CREDENTIALS,
  },
  {
    name: 'a list asks for ciphertexts',
    file: `${dynamodb}/credential-item.ts`,
    right: "[...ROW, 'current_key_version', ...BESIDE], PLACE",
    wrong: "[...ROW, 'ciphertext', 'current_key_version', ...BESIDE], PLACE",
    tests: CREDENTIALS,
  },
  {
    name: 'a row is in the index under the version of its current value alone',
    file: `${dynamodb}/credential-item.ts`,
    right: 'key_version: Math.min(...versions)',
    wrong: 'key_version: versions[0]',
    tests: CREDENTIALS,
  },
  {
    name: 'deleted credentials that hold a value are not counted',
    file: `${dynamodb}/credential-item.ts`,
    right: "HOLDS_A_VALUE = 'attribute_not_exists(deleted_at) OR attribute_exists(previous)'",
    wrong: "HOLDS_A_VALUE = 'attribute_not_exists(deleted_at)'",
    tests: SCANNER,
  },
  {
    name: 'what the release before has moved counts under its old version',
    file: `${dynamodb}/credential-item.ts`,
    right: '? Math.max(current, oldest) :',
    wrong: '? current :',
    tests: SCANNER,
  },
  {
    name: 'a name that is taken is taken for a new one',
    file: `${dynamodb}/dynamodb-credential-store.ts`,
    right: "NAME_NEVER_USED = 'attribute_not_exists(provider_shard)'",
    wrong: "NAME_NEVER_USED = 'attribute_not_exists(nothing)'",
    tests: CREDENTIALS,
  },
  {
    name: 'a provider counts as empty unless every shard has a credential',
    file: `${dynamodb}/dynamodb-credential-store.ts`,
    right: 'some((count) => count !== 0)',
    wrong: 'every((count) => count !== 0)',
    tests: CREDENTIALS,
  },
  {
    name: 'a count ends with its first page',
    file: `${dynamodb}/dynamodb-credential-scanner.ts`,
    right: 'start = lastKey;',
    wrong: 'start = undefined;',
    tests: SCANNER,
  },
  {
    name: 'shards under the highest version asked for are left out',
    file: `${dynamodb}/dynamodb-credential-scanner.ts`,
    right: "':from': from, ':to': to }",
    wrong: "':from': from, ':to': Math.max(from, to - 1) }",
    tests: SCANNER,
  },
  {
    name: 'a report of a rotation is replaced whatever its revision',
    file: `${dynamodb}/dynamodb-dek-rotation-store.ts`,
    right: "REVISION_AS_READ = 'revision = :expected'",
    wrong: "REVISION_AS_READ = 'revision <> :expected OR revision = :expected'",
    tests: ROTATIONS,
  },
  {
    name: 'the time that intents are closed to goes back',
    file: `${dynamodb}/dynamodb-dek-rotation-store.ts`,
    right: 'OR closed_to < :time',
    wrong: 'OR closed_to <> :time',
    tests: ROTATIONS,
  },
  {
    name: 'an audit event is appended over what is there',
    file: `${dynamodb}/put-audit-event.ts`,
    right: "NOT_THERE_YET = 'attribute_not_exists(#bucket)'",
    wrong: "NOT_THERE_YET = 'attribute_not_exists(#bucket) OR attribute_exists(#bucket)'",
    tests: AUDIT,
  },
  {
    name: 'what a group does not take at first is taken for durable',
    file: `${dynamodb}/insert-audit-group.ts`,
    right: 'if (failed === undefined || failed.Code === EXISTS_ALREADY) return undefined;',
    wrong: 'if (failed?.Code !== undefined) return undefined;',
    tests: INSERTS,
  },
  {
    name: 'answers are taken for those of other events',
    file: `${dynamodb}/audit-group-commit.ts`,
    right: 'failures[index]]',
    wrong: 'failures[0]]',
    tests: INSERTS,
  },
  {
    name: 'a move is not found by the first name of its range',
    file: `${dynamodb}/audit-query.ts`,
    right: 'metadata.first_credential <= :credential',
    wrong: 'metadata.first_credential < :credential',
    tests: AUDIT,
  },
  {
    name: 'a move of another shard is found by a credential',
    file: `${dynamodb}/audit-query.ts`,
    right: "'metadata.#shard = :shard AND metadata.first_credential",
    wrong: "'metadata.#shard >= :shard AND metadata.first_credential",
    tests: AUDIT,
  },
  {
    name: 'the name that stands for a key is not looked for',
    file: `${dynamodb}/audit-query.ts`,
    right: 'IN (:credential, :fingerprint)',
    wrong: 'IN (:credential, :fingerprint) AND :fingerprint <> :fingerprint',
    tests: AUDIT,
  },
  {
    name: 'the KEK moves from whoever is current now',
    file: `${secretsManager}/secrets-manager-kek-store.ts`,
    right: 'RemoveFromVersionId: from,',
    wrong: 'RemoveFromVersionId: (await this.readCurrent()).versionId,',
    tests: KEK_SECRET,
  },
  {
    name: 'a KEK that another rotation has put there counts as stored',
    file: `${secretsManager}/secrets-manager-kek-store.ts`,
    right: "return 'exists'",
    wrong: "return 'stored'",
    tests: KEK_SECRET,
  },
  {
    name: 'of a batch of messages those that the queue did not take are forgotten',
    file: 'lambdas/adapters/aws/sqs/send-messages.ts',
    right: 'if (left.entries.length === 0) continue;',
    wrong: 'if (left.entries.length >= 0) continue;',
    tests: ROTATION_QUEUE,
  },
  {
    name: 'a function that failed counts as one that has answered',
    file: 'lambdas/adapters/aws/lambda/region-function.ts',
    right: 'if (answer.FunctionError !== undefined) {',
    wrong: 'if (answer.FunctionError === null) {',
    tests: PROVER,
  },
];
