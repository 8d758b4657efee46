import type { QueryInput } from './document-client';

const IN_SHARD = 'provider_shard = :shard';
const IN_SHARD_AFTER = 'provider_shard = :shard AND #name > :after';

/** Query of the credentials of one shard in the order of their names, from the first after `after`. */
export const inShard = (
  shard: string,
  after?: string,
): Pick<QueryInput, 'KeyConditionExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'> =>
  after === undefined
    ? { KeyConditionExpression: IN_SHARD, ExpressionAttributeValues: { ':shard': shard } }
    : {
        KeyConditionExpression: IN_SHARD_AFTER,
        ExpressionAttributeNames: { '#name': 'name' },
        ExpressionAttributeValues: { ':shard': shard, ':after': after },
      };
