import { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import { tableDefaults, type TableProps } from './table-defaults';

/** Sealed API keys; the index lists them by key version. */
export class CredentialsTable extends TableV2 {
  constructor(scope: Construct, id: string, props: TableProps) {
    super(scope, id, tableDefaults(scope, 'credentials', props));
  }
}
