import type { OutsideCall } from './recording-aws';

type Item = Readonly<Record<string, { S?: string; N?: string } | undefined>>;

/** The items of a PutItem or BatchWriteItem. */
export function itemsWritten(body: OutsideCall['body']): readonly Item[] {
  if (body['Item'] !== undefined) return [body['Item'] as Item];
  const requests = Object.values((body['RequestItems'] ?? {}) as Record<string, { PutRequest: { Item: Item } }[]>);
  return requests.flat().map(({ PutRequest }) => PutRequest.Item);
}
