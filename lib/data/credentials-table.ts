import { AttributeType, ProjectionType, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import { tableDefaults, type TableProps } from './table-defaults';

/** Stored API keys, sealed; the index lists them by the key version that they are sealed under. */
export class CredentialsTable extends TableV2 {
  constructor(scope: Construct, id: string, props: TableProps) {
    const partitionKey = { name: 'provider_shard', type: AttributeType.STRING };
    super(scope, id, {
      ...tableDefaults(scope, 'credentials', props),
      partitionKey,
      sortKey: { name: 'name', type: AttributeType.STRING },
      globalSecondaryIndexes: [
        {
          indexName: 'by-key-version',
          partitionKey,
          sortKey: { name: 'key_version', type: AttributeType.NUMBER },
          projectionType: ProjectionType.KEYS_ONLY,
        },
      ],
    });
  }
}
