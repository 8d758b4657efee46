import { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import { tableDefaults, type TableProps } from './table-defaults';

/** One record per provider: all versions of its DEK, wrapped. */
export class KeysetsTable extends TableV2 {
  constructor(scope: Construct, id: string, props: TableProps) {
    super(scope, id, tableDefaults(scope, 'keysets', props));
  }
}
