import { HOME, type Resource, type Template } from '../synthesized';

/** The charged parts of a deployment, counted in its templates. */
export interface Deployed {
  readonly regions: number;
  readonly keys: number;
  /** Keys that sign: they do not rotate. */
  readonly signingKeys: number;
  /** The secret and its replicas. */
  readonly secrets: number;
  readonly webAcls: number;
  readonly webAclRules: number;
  readonly alarms: number;
  /** Each alarm is charged by its metrics. */
  readonly alarmMetrics: number;
  /** Keyward's own metrics in all regions, if each is written at least once an hour. */
  readonly metrics: number;
  readonly dashboards: number;
  /** Of the function that decrypts. */
  readonly memoryGb: number;
  /** Of the function that archives; 0: nothing is archived. */
  readonly archiverGb: number;
  /** Buckets that are copied to another region. */
  readonly copiedBuckets: number;
  /** Of the function that publishes. */
  readonly publisherGb: number;
  readonly retentionMonths: number;
  readonly logRetentionMonths: number;
}

const DAYS_A_MONTH = 365 / 12;
/** Written for every request, and used by no alarm and no dashboard. */
const UNSEEN_METRICS = 2;

export function deployedQuantities(templates: ReadonlyMap<string, Template>): Deployed {
  const all = [...templates.values()].flatMap(({ Resources }) => Object.values(Resources));
  const of = (type: string): readonly Resource[] => all.filter(({ Type }) => Type === type);
  const signing = of('AWS::KMS::Key').filter(({ Properties }) => Properties['KeyUsage'] === 'SIGN_VERIFY');
  const alarms = of('AWS::CloudWatch::Alarm');
  const tables = of('AWS::DynamoDB::GlobalTable');
  const regions = Math.max(...tables.map(({ Properties }) => (Properties['Replicas'] as unknown[]).length));
  const acls = of('AWS::WAFv2::WebACL');
  const [secret] = of('AWS::SecretsManager::Secret');
  const functionOf = (end: string): Resource | undefined =>
    of('AWS::Lambda::Function').find(({ Properties }) => String(Properties['FunctionName']).endsWith(end));
  const memoryOf = (end: string): number => Number(functionOf(end)?.Properties['MemorySize'] ?? 0) / 1024;
  const decrypt = functionOf('-decrypt');
  const { Variables } = decrypt?.Properties['Environment'] as { Variables: Record<string, string> };
  const [group] = of('AWS::Logs::LogGroup');
  return {
    regions,
    keys: of('AWS::KMS::Key').length - signing.length,
    signingKeys: signing.length,
    secrets: 1 + ((secret?.Properties['ReplicaRegions'] ?? []) as unknown[]).length,
    webAcls: acls.length,
    webAclRules: acls.reduce((sum, { Properties }) => sum + (Properties['Rules'] as unknown[]).length, 0),
    alarms: alarms.length,
    alarmMetrics: alarms.reduce((sum, alarm) => sum + metricsOf(alarm), 0),
    metrics: ownMetrics(templates) + UNSEEN_METRICS * regions,
    dashboards: of('AWS::CloudWatch::Dashboard').length,
    memoryGb: Number(decrypt?.Properties['MemorySize']) / 1024,
    archiverGb: memoryOf('-archive-events'),
    copiedBuckets: of('AWS::S3::Bucket').filter(
      ({ Properties }) => Properties['ReplicationConfiguration'] !== undefined,
    ).length,
    publisherGb: memoryOf('-publish-checkpoint'),
    retentionMonths: Number(Variables['KEYWARD_AUDIT_RETENTION_DAYS']) / DAYS_A_MONTH,
    logRetentionMonths: Number(group?.Properties['RetentionInDays']) / DAYS_A_MONTH,
  };
}

const metricsOf = ({ Properties }: Resource): number =>
  ((Properties['Metrics'] ?? [{ MetricStat: {} }]) as { MetricStat?: unknown }[]).filter(
    ({ MetricStat }) => MetricStat !== undefined,
  ).length;

/** The names that alarms and the dashboard of each region look at; what is home's alone is in home's stacks. */
function ownMetrics(templates: ReadonlyMap<string, Template>): number {
  const found = new Set<string>();
  for (const [stack, { Resources }] of templates) {
    // The metrics of the operations' stack are written in the home region.
    const region = /-(?:api|log|refusals)-(.*)$/.exec(stack)?.[1] ?? HOME;
    for (const { Type, Properties } of Object.values(Resources)) {
      if (Type === 'AWS::CloudWatch::Alarm' && String(Properties['Namespace']).startsWith('Keyward')) {
        found.add(`${region} ${String(Properties['MetricName'])}`);
      }
      if (Type !== 'AWS::CloudWatch::Dashboard') continue;
      const names = JSON.stringify(Properties['DashboardBody']).matchAll(/\\+"Keyward[^"]*\\+",\\+"(\w+)\\+"/g);
      for (const [, name = ''] of names) found.add(`${region} ${name}`);
    }
  }
  return found.size;
}
