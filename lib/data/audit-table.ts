import { StreamViewType, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import { tableDefaults, type TableProps } from './table-defaults';

/** Audit events; each may be deleted once its `expires_at` has passed. */
export class AuditTable extends TableV2 {
  constructor(scope: Construct, id: string, props: TableProps) {
    super(scope, id, {
      ...tableDefaults(scope, 'audit', props),
      dynamoStream: StreamViewType.NEW_AND_OLD_IMAGES,
    });
  }
}
