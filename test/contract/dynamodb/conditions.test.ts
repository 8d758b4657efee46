import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import { createAuditLog } from '../../../lambdas/adapters/aws/dynamodb/dynamodb-audit-log';
import { DynamoDBCredentialStore } from '../../../lambdas/adapters/aws/dynamodb/dynamodb-credential-store';
import { DynamoDBKekMoveStore } from '../../../lambdas/adapters/aws/dynamodb/dynamodb-kek-move-store';
import { DynamoDBKeysetStore } from '../../../lambdas/adapters/aws/dynamodb/dynamodb-keyset-store';
import { DynamoDBDekRotationStore } from '../../../lambdas/adapters/aws/dynamodb/dynamodb-dek-rotation-store';
import { TestClock } from '../../doubles/memory-ports';
import { singleAppendContract } from '../audit-log.contract';
import { check, type Contract, type Statements, type UnderTest } from '../contract';
import { credentialStoreContract } from '../credential-store.contract';
import { kekMoveStoreContract } from '../kek-move-store.contract';
import { keysetStoreContract } from '../keyset-store.contract';
import { dekRotationStoreContract } from '../dek-rotation-store.contract';
import { faultsOf, useDynamoDB } from './use-dynamodb';

/**
 * Weakens every condition of every write, one at a time, on its way to the table: the contract's section about that write must
 * notice. A new condition must be added here, because the names are read from the adapters.
 */

const endpoint = useDynamoDB();
const rivalAndPort = <P>(make: (client: ReturnType<typeof endpoint>['client']) => P) => ({
  port: make(endpoint().client),
  rival: make(endpoint().direct),
  faults: faultsOf(endpoint().proxy),
});

const openKeysets = () =>
  rivalAndPort((client) => new DynamoDBKeysetStore({ client, table: endpoint().tables.keysets, region: 'us-east-1' }));
const openCredentials = () =>
  rivalAndPort((client) => new DynamoDBCredentialStore({ client, table: endpoint().tables.credentials }));
const openRotations = () => {
  const { port, rival, faults } = rivalAndPort(
    (client) => new DynamoDBDekRotationStore({ client, table: endpoint().tables.rotations }),
  );
  const Key = { scope: { S: '-' }, item: { S: 'intents-closed-to' } };
  const forgetIntentsClosedTo = () =>
    endpoint().direct.send(new DeleteItemCommand({ TableName: endpoint().tables.rotations, Key }));
  return { port, rival, faults, forgetIntentsClosedTo };
};
const openMoves = () => {
  const { port, rival, faults } = rivalAndPort(
    (client) => new DynamoDBKekMoveStore({ client, table: endpoint().tables.rotations }),
  );
  const Key = { scope: { S: '-' }, item: { S: 'kek-move' } };
  const forget = () => endpoint().direct.send(new DeleteItemCommand({ TableName: endpoint().tables.rotations, Key }));
  return { port, rival, faults, forget };
};
const openAudit = () => {
  const clock = new TestClock();
  const { port, rival, faults } = rivalAndPort((client) =>
    createAuditLog({ client, table: endpoint().tables.audit, providers: [], clock }),
  );
  return { port, reader: rival, faults };
};

/** The statements about one write. */
interface Section {
  /** The first failing one, from the last backwards: statements about refusals stand at the end. */
  readonly firstToFail: () => Promise<string | undefined>;
  readonly run: (name: string) => Promise<void>;
}

function section<P extends object, U extends UnderTest<P>>(
  contract: Contract<P, U>,
  member: keyof P & string,
  open: () => U,
): Section {
  const statements: Statements<U> = contract[member];
  const run = (name: string): Promise<void> => {
    endpoint().proxy.reset();
    return check(member, statements[name]!, open);
  };
  return {
    run,
    firstToFail: async () => {
      for (const name of Object.keys(statements).reverse()) {
        try {
          await run(name);
        } catch {
          return name;
        }
      }
      return undefined;
    },
  };
}

/** By adapter and condition, the writes that have it; the section of each has to notice. */
const WRITES: Readonly<Record<string, Readonly<Record<string, Section>>>> = {
  'dynamodb-credential-store NAME_NEVER_USED': { put: section(credentialStoreContract, 'put', openCredentials) },
  'dynamodb-credential-store LOST_AS_READ': { put: section(credentialStoreContract, 'put', openCredentials) },
  'dynamodb-credential-store WRITE_AS_READ': { put: section(credentialStoreContract, 'put', openCredentials) },
  'dynamodb-keyset-store NO_RECORD_YET': { create: section(keysetStoreContract, 'create', openKeysets) },
  'dynamodb-keyset-store REVISION_AS_READ': { replace: section(keysetStoreContract, 'replace', openKeysets) },
  'dynamodb-dek-rotation-store NOT_CLOSED_SO_FAR': {
    noteIntentsClosedTo: section(dekRotationStoreContract, 'noteIntentsClosedTo', openRotations),
  },
  'dynamodb-dek-rotation-store NOT_THERE_YET': {
    putReport: section(dekRotationStoreContract, 'putReport', openRotations),
    putShard: section(dekRotationStoreContract, 'putShard', openRotations),
  },
  'dynamodb-dek-rotation-store REVISION_AS_READ': {
    putReport: section(dekRotationStoreContract, 'putReport', openRotations),
    putShard: section(dekRotationStoreContract, 'putShard', openRotations),
  },
  'dynamodb-kek-move-store NOT_THERE_YET': { put: section(kekMoveStoreContract, 'put', openMoves) },
  'dynamodb-kek-move-store REVISION_AS_READ': { put: section(kekMoveStoreContract, 'put', openMoves) },
  'put-audit-event NOT_THERE_YET': { append: section(singleAppendContract, 'append', openAudit) },
};

/** The replacement of each condition. It keeps all names and values, because DynamoDB refuses unused ones. */
const WEAKENED: Readonly<Record<string, (condition: string) => string>> = {
  dropped: (condition) => `(${condition}) OR attribute_exists(write_id) OR attribute_not_exists(write_id)`,
  'or nothing is there': (condition) => `(${condition}) OR attribute_not_exists(write_id)`,
  'or something is there': (condition) => `(${condition}) OR attribute_exists(write_id)`,
  'or it was deleted': (condition) => `(${condition}) OR attribute_exists(deleted_at)`,
  'at most as read': (condition) => condition.replace(' = ', ' <= '),
  'at least as read': (condition) => condition.replace(' = ', ' >= '),
  'either half': (condition) => condition.replace(' AND ', ' OR '),
  'the opposite': (condition) => `NOT (${condition})`,
  'only where something is there': (condition) => `(${condition}) AND attribute_exists(no_such_member)`,
};

/** Changes without an effect: a redundant condition, a member that no such item has, and an order that write ids do not have. */
const isSame = (name: string, text: string, weakening: string): boolean =>
  WEAKENED[weakening]!(text) === text ||
  (weakening === 'or nothing is there' && text.startsWith('attribute_not_exists')) ||
  (weakening === 'or it was deleted' && !name.startsWith('dynamodb-credential-store')) ||
  (weakening === 'or something is there' && !hasWriteId(name)) ||
  (name.endsWith('WRITE_AS_READ') && weakening.endsWith('as read'));

const hasWriteId = (name: string): boolean => !/audit-event|NOT_CLOSED_SO_FAR/.test(name);

const NO_CONSTANT = 'is no constant of this file';
const ADAPTERS = join(__dirname, '../../../lambdas/adapters/aws/dynamodb');

/** The conditions of writes in the code, by adapter and name. */
function conditionsInCode(): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const file of readdirSync(ADAPTERS)) {
    const code = readFileSync(join(ADAPTERS, file), 'utf8');
    for (const [, name] of code.matchAll(/\bConditionExpression: ([\w.]+)/g)) {
      const [, text] = new RegExp(`^(?:export )?const ${name!} = '([^']+)';$`, 'm').exec(code) ?? [];
      found.set(`${basename(file, '.ts')} ${name!}`, text ?? NO_CONSTANT);
    }
  }
  return found;
}

/** Computed from a read damaged row; dek-rotation-store.test.ts repairs the row in between. */
const COMPUTED = 'dynamodb-dek-rotation-store found.map';

const conditions = conditionsInCode();

it('each condition of a write is a named constant, and one of those that are weakened here', () => {
  expect([...conditions.keys()].sort()).toStrictEqual([...Object.keys(WRITES), COMPUTED].sort());
  const notNamed = [...conditions].filter(([, text]) => text === NO_CONSTANT).map(([name]) => name);
  expect(notNamed).toStrictEqual([COMPUTED]);
});

describe.each([...conditions].filter(([name]) => name !== COMPUTED))('%s', (name, text) => {
  const asItIs = (_operation: string, body: string): string => body;
  afterEach(() => {
    endpoint().proxy.rewrite = asItIs;
  });

  it.each(Object.keys(WRITES[name] ?? {}))('is noticed by %s where it is weakened', async (write) => {
    const { firstToFail, run } = WRITES[name]![write]!;
    const missed: string[] = [];
    for (const [weakening, weaken] of Object.entries(WEAKENED)) {
      if (isSame(name, text, weakening)) continue;
      let isUsed = false;
      endpoint().proxy.rewrite = (_, body) => {
        const request = JSON.parse(body) as { ConditionExpression?: string };
        if (request.ConditionExpression !== text) return body;
        isUsed = true;
        return JSON.stringify({ ...request, ConditionExpression: weaken(text) });
      };
      const noticedBy = await firstToFail();
      expect(isUsed).toBe(true);
      endpoint().proxy.rewrite = asItIs;
      if (noticedBy === undefined) missed.push(weakening);
      else await run(noticedBy);
    }
    expect(missed).toStrictEqual([]);
  });
});
