import { DeleteItemCommand, GetItemCommand, PutItemCommand, type AttributeValue } from '@aws-sdk/client-dynamodb';
import { DynamoDBKekMoveStore } from '../../../lambdas/adapters/aws/dynamodb/dynamodb-kek-move-store';
import { keeps } from '../contract';
import { kekMove, kekMoveStoreContract } from '../kek-move-store.contract';
import type { Fault } from './faulty-proxy';
import { faultsOf, useDynamoDB } from './use-dynamodb';

const endpoint = useDynamoDB();
const table = (): string => endpoint().tables.rotations;
const storeOver = (client = endpoint().client): DynamoDBKekMoveStore =>
  new DynamoDBKekMoveStore({ client, table: table() });
const Key = { scope: { S: '-' }, item: { S: 'kek-move' } };
const forget = (): Promise<unknown> => endpoint().direct.send(new DeleteItemCommand({ TableName: table(), Key }));

keeps('DynamoDBKekMoveStore', kekMoveStoreContract, () => ({
  port: storeOver(),
  rival: storeOver(endpoint().direct),
  faults: faultsOf(endpoint().proxy),
  forget,
}));

beforeEach(forget);

it('reads consistently', async () => {
  const consistent: unknown[] = [];
  const note: Fault = ({ body, forward }) => {
    consistent.push((JSON.parse(body) as { ConsistentRead?: boolean }).ConsistentRead);
    return forward();
  };
  endpoint().proxy.every('GetItem', note);
  await storeOver().read();
  expect(consistent).toStrictEqual([true]);
});

it.each<[string, AttributeValue | undefined]>([
  ['state', { S: 'moved' }],
  ['from', { S: 'vault' }],
  ['to', undefined],
  ['revision', { N: '0' }],
  ['write_id', { S: '' }],
  ['started_at', { S: 'yesterday' }],
  ['ended_at', { N: '1' }],
  ['version_id', { M: {} }],
])('an edited row (%s: %j) says that it is not known where the KEK is, and is not written over', async (name, to) => {
  await storeOver().put(kekMove({ to: 'vault' }), 0);
  const found = await endpoint().direct.send(new GetItemCommand({ TableName: table(), Key, ConsistentRead: true }));
  const { [name]: _, ...others } = found.Item!;
  const Item = to === undefined ? others : { ...others, [name]: to };
  await endpoint().direct.send(new PutItemCommand({ TableName: table(), Item }));
  await expect(storeOver().read()).rejects.toMatchObject({ code: 'conflict' });
  await expect(storeOver().put(kekMove(), 0)).resolves.toBe('refused');
});
