import { insertsOf } from '../../doubles/partiql-inserts';
import type { OutsideCall } from './recording-aws';

type Item = Readonly<Record<string, { S?: string; N?: string } | undefined>>;

/** The items of a PutItem, or of a BatchExecuteStatement of INSERTs. */
export function itemsWritten(body: OutsideCall['body']): readonly Item[] {
  if (body['Item'] !== undefined) return [body['Item'] as Item];
  return insertsOf(body).items as readonly Item[];
}
