import { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import { tableDefaults, type TableProps } from './table-defaults';

/** What is known of DEK rotations: reports, the progress of their shards, and how far audit intents are closed. */
export class RotationsTable extends TableV2 {
  constructor(scope: Construct, id: string, props: TableProps) {
    super(scope, id, tableDefaults(scope, 'rotations', props));
  }
}
