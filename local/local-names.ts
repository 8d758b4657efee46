import type { TableNames } from '../lambdas/adapters/aws/dynamodb/dynamodb-tables';

/** The one region of local mode, which is its home region. */
export const LOCAL_REGION = 'us-east-1';
/** Of the embedded DynamoDB, in the data directory. */
export const DATABASE_DIRECTORY = 'dynamodb';
export const LOCAL_TABLES: TableNames = {
  keysets: 'keyward-keysets',
  credentials: 'keyward-credentials',
  audit: 'keyward-audit',
  rotations: 'keyward-rotations',
};
