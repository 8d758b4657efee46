import { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import { tableDefaults, type TableProps } from './table-defaults';

/** Stored API keys, sealed; the index lists them by the key version that they are sealed under. */
export class CredentialsTable extends TableV2 {
  constructor(scope: Construct, id: string, props: TableProps) {
    super(scope, id, tableDefaults(scope, 'credentials', props));
  }
}
