import type { TableNames } from '../lambdas/core/contract/tables';

/** Of the embedded DynamoDB, in the data directory. */
export const DATABASE_DIRECTORY = 'dynamodb';
export const LOCAL_TABLES: TableNames = {
  keysets: 'keyward-keysets',
  credentials: 'keyward-credentials',
  audit: 'keyward-audit',
  rotations: 'keyward-rotations',
};
/** In the data directory, in the manner of IAM: what each access key may do. */
export const PRINCIPALS_FILE = 'principals.json';
