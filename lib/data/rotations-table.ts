import { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import { tableDefaults, type TableProps } from './table-defaults';

/** Reports of DEK rotations, the progress of their shards, and the time up to which intents are closed. */
export class RotationsTable extends TableV2 {
  constructor(scope: Construct, id: string, props: TableProps) {
    super(scope, id, tableDefaults(scope, 'rotations', props));
  }
}
