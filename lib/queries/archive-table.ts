import { CfnDatabase, CfnTable } from 'aws-cdk-lib/aws-glue';
import { Construct } from 'constructs';
import type { ResourceNames } from '../resource-names';

/** No archive is older; a query reads no hour that it does not ask for. */
const FIRST_HOUR = '2026-11-01T00';

/**
 * The archive as a table: one row for each line, in partitions by the hour in which it was archived, which Athena reckons out from the
 * names of objects and nobody has to add (Amazon Athena User Guide, "Set up partition projection").
 *
 * Its one column is the line as it was archived, byte for byte. Queries take members out of it, so that a line that is no event, or one
 * of a later release, is a row like others: a SerDe for JSON fails at the first such line, or leaves out rows in silence ("OpenX JSON
 * SerDe", "Considerations and limitations"). The default delimiter of fields, U+0001, is in no line, because JSON escapes it.
 */
export class ArchiveTable extends Construct {
  readonly database: string;

  constructor(scope: Construct, id: string, props: { names: ResourceNames; account: string; bucket: string }) {
    super(scope, id);
    const { names, account, bucket } = props;
    // Names of Glue have no hyphen where they are to be written without quotes.
    this.database = names.of('audit').replaceAll('-', '_');
    const database = new CfnDatabase(this, 'database', {
      catalogId: account,
      databaseInput: { name: this.database, description: 'Keyward: the archive of the audit log' },
    });
    const location = `s3://${bucket}/archive/`;
    const table = new CfnTable(this, 'table', {
      catalogId: account,
      databaseName: this.database,
      tableInput: {
        name: 'archive',
        description: 'Archived lines of audit events; objects may overlap',
        tableType: 'EXTERNAL_TABLE',
        parameters: {
          EXTERNAL: 'TRUE',
          'projection.enabled': 'true',
          'projection.hour.type': 'date',
          'projection.hour.format': "yyyy-MM-dd'T'HH",
          'projection.hour.range': `${FIRST_HOUR},NOW`,
          'projection.hour.interval': '1',
          'projection.hour.interval.unit': 'HOURS',
          'storage.location.template': `${location}\${hour}/`,
        },
        partitionKeys: [{ name: 'hour', type: 'string', comment: 'in UTC, by the clock of the archiver' }],
        storageDescriptor: {
          location,
          columns: [{ name: 'line', type: 'string', comment: 'one event as JSON' }],
          inputFormat: 'org.apache.hadoop.mapred.TextInputFormat',
          outputFormat: 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat',
          serdeInfo: { serializationLibrary: 'org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe' },
        },
      },
    });
    table.addResourceDependency(database);
  }
}
