import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/**
 * A document client that returns exactly the JSON that was stored, because a MAC covers it. By default the library
 * refuses to write a number above 2^53 and reads one back as a BigInt; here every number is a double, which
 * DynamoDB's 38 digits hold exactly. Members that are undefined are left out, as they are from canonical JSON.
 */
export const toDocumentClient = (client: DynamoDBClient): DynamoDBDocumentClient =>
  DynamoDBDocumentClient.from(client, {
    marshallOptions: { removeUndefinedValues: true, allowImpreciseNumbers: true },
    unmarshallOptions: { wrapNumbers: (digits: string) => Number(digits) },
  });
