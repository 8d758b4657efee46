import {
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  type DynamoDBClient,
  type GetItemCommandInput,
  type PutItemCommandInput,
  type QueryCommandInput,
  type QueryCommandOutput,
  type ScanCommandInput,
  type ScanCommandOutput,
} from '@aws-sdk/client-dynamodb';
import { fromItem, toItem, type StoredItem } from './stored-value';

/** An input with plain values in place of attributes. */
type Documents<I, M extends string> = Omit<I, M> & { readonly [N in M & keyof I]?: object };

type GetInput = Documents<GetItemCommandInput, 'Key'>;
export type PutInput = Documents<PutItemCommandInput, 'Item' | 'ExpressionAttributeValues'>;
/** `ExclusiveStartKey` is the `lastKey` of the page before. */
export type QueryInput = Documents<QueryCommandInput, 'ExpressionAttributeValues'>;

export interface QueryPage {
  /** Each as {@link fromItem} reads it. */
  readonly items: readonly unknown[];
  readonly count: number;
  /** DynamoDB's key of the next page; missing at the end. */
  readonly lastKey?: StoredItem;
}

/** DynamoDB with JSON values in place of attributes. Errors of the SDK pass through. */
export interface DocumentClient {
  /** @returns as {@link fromItem} reads it; undefined if there is no item */
  get(input: GetInput): Promise<unknown>;
  put(input: PutInput): Promise<void>;
  query(input: QueryInput): Promise<QueryPage>;
  scan(input: ScanCommandInput): Promise<QueryPage>;
}

export const toDocumentClient = (client: DynamoDBClient): DocumentClient => ({
  get: async ({ Key, ...input }) => {
    const { Item } = await client.send(new GetItemCommand({ ...input, Key: toItem(Key ?? {}) }));
    return Item === undefined ? undefined : fromItem(Item);
  },
  put: async ({ Item, ExpressionAttributeValues, ...input }) => {
    await client.send(new PutItemCommand({ ...input, Item: toItem(Item ?? {}), ...values(ExpressionAttributeValues) }));
  },
  query: async ({ ExpressionAttributeValues, ...input }) => {
    const command = new QueryCommand({ ...input, ...values(ExpressionAttributeValues) });
    return toPage(await client.send(command));
  },
  scan: async (input) => toPage(await client.send(new ScanCommand(input))),
});

const toPage = ({ Items = [], Count = 0, LastEvaluatedKey }: QueryCommandOutput | ScanCommandOutput): QueryPage => ({
  items: Items.map(fromItem),
  count: Count,
  ...(LastEvaluatedKey !== undefined && { lastKey: LastEvaluatedKey }),
});

const values = (given: object | undefined): { ExpressionAttributeValues?: StoredItem } =>
  given === undefined ? {} : { ExpressionAttributeValues: toItem(given) };
