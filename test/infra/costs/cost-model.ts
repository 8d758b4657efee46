import type { Deployed } from './deployed-quantities';
import { ITEM_OVERHEAD_BYTES } from './item-bytes';
import type { MeasuredSizes } from './measured-sizes';
import { GB, MILLION, PRICES } from './prices';

/** One line of a table: what it is, in words, and dollars by the number of the column; of the table of a month, millions of requests. */
export interface CostLine {
  readonly what: string;
  readonly dollars: (column: number) => number;
}

/** What is neither in a template nor measured on one machine. */
export const ASSUMED = {
  /** Milliseconds that Lambda charges for a decrypt from warm caches, most of it DynamoDB's answer. */
  billedMs: 20,
  /** The same of each further token of a batch: four times the CPU that `npm run bench -- lambda-batches` measures. */
  billedMsBatched: 0.2,
  /** Of an answer with headers, as it leaves AWS. */
  answerBytes: 1000,
  /** Of each further result of a batch. */
  answerBytesBatched: 250,
  /** Requests to KMS for each request to the API: DynamoDB, Secrets Manager and CloudWatch keep what they were given for minutes. */
  keyRequests: 1 / 30,
  /** Reads of keysets and of the KEK in a region, by functions that refresh what they keep, and by the hourly sweep. */
  readsOfARegion: 1,
  /** GetSecretValue for each request to the API. */
  secretReads: 1 / 100,
  /** What gzip leaves of a log. */
  compressed: 0.15,
  /** What gzip leaves of archived events, whose nonces and hashes are random. */
  compressedEvent: 0.4,
  /** Bytes of the log for each event: its entry, its hashes and its place in the index. */
  entryBytes: 150,
  /** Shards of the audit table's stream in each region, and batches of each in a month: one in five minutes. */
  shards: 4,
  batchesOfAShard: 12 * 730,
  /** Of a batch. */
  archiverMs: 300,
  /** Of a publication in an hour with few events, and of each million events more: a third of what the target allows. */
  publisherMs: 3000,
  publisherMsMillion: 6000,
  /** Readings of each event by the reconciliation, bytes that an eventually consistent read unit reads, and milliseconds of a million. */
  readings: 3,
  bytesOfARead: 2 * 4096,
  reconcilerMsMillion: 70_000,
  /** Objects that a publication writes: one of the index for each minute, and tiles with their partial ones. */
  objectsOfAnHour: 60 + 25,
  hours: 730,
  /** Months for which the archive and the log have been kept: they do not expire. */
  evidenceMonths: 24,
};

/**
 * What a deployment of the given templates costs in a month, from the third year on: events are deleted as fast as they come, logs as
 * well, and keys have all their charged versions. One request is one audited decrypt.
 */
export function costLines(deployed: Deployed, sizes: MeasuredSizes): readonly CostLine[] {
  const { regions, retentionMonths, logRetentionMonths } = deployed;
  const replicas = regions - 1;
  const { storedItem, writeUnits, written, expiring, keptGb } = writtenUnits(deployed, sizes);
  const logBytes = sizes.logLines.reduce((sum, line) => sum + line, 0);
  const logGb = (logBytes * MILLION) / GB;
  const storedLogBytes = logBytes * ASSUMED.compressed + sizes.logLines.length * PRICES.bytesOfMetadata;
  const storedLogGb = (storedLogBytes * MILLION * logRetentionMonths) / GB;
  const keyYear = PRICES.key + PRICES.keyVersionsCharged * PRICES.keyVersion;
  const lambdaMillion =
    PRICES.millionInvocations + (ASSUMED.billedMs / 1000) * deployed.memoryGb * PRICES.gbSecond * MILLION;
  const keyRequestsMillion = ((ASSUMED.keyRequests * MILLION) / 10_000) * PRICES.tenThousandKeyRequests;
  const secretReadsMillion = ((ASSUMED.secretReads * MILLION) / 10_000) * PRICES.tenThousandSecretReads;
  const outMillion = (ASSUMED.answerBytes * MILLION * PRICES.outGb) / GB;
  const betweenMillion = (sizes.auditItem * MILLION * replicas * PRICES.betweenRegionsGb) / GB;
  const dashboards = Math.max(0, deployed.dashboards - PRICES.dashboardsFree) * PRICES.dashboard;
  return [
    { what: 'API Gateway, REST: 3.50 a million, from 333 million on 2.80', dollars: restCalls },
    {
      what: `Firewall: ${deployed.webAcls} ACLs at ${PRICES.webAcl}, ${deployed.webAclRules} rules at ${PRICES.webAclRule}, ${money(PRICES.millionInspected)} a million`,
      dollars: (n) =>
        deployed.webAcls * PRICES.webAcl + deployed.webAclRules * PRICES.webAclRule + PRICES.millionInspected * n,
    },
    {
      what: `Lambda, arm64: ${money(PRICES.millionInvocations)} a million, and ${ASSUMED.billedMs} ms of ${deployed.memoryGb} GB`,
      dollars: (n) => lambdaMillion * n,
    },
    {
      what: `Audit events written: ${sizes.auditItem} bytes, ${writeUnits} unit in each of ${regions} regions`,
      dollars: (n) => written * PRICES.millionWrites * n,
    },
    {
      what: `Audit events that expire: free where they do, a unit in each of the other ${replicas}`,
      dollars: (n) => expiring * PRICES.millionWrites * n,
    },
    {
      what: `Audit events kept: ${storedItem} bytes with what DynamoDB adds, ${retentionMonths.toFixed(1)} months, ${regions} regions, ${money(PRICES.tableGb)} and ${money(PRICES.recoveryGb)} for recovery a GB`,
      dollars: (n) => keptGb * (PRICES.tableGb + PRICES.recoveryGb) * n,
    },
    {
      what: `Logs: ${logBytes.toLocaleString('en-US')} bytes a request in ${sizes.logLines.length} lines at ${money(PRICES.logGb)} a GB, then kept`,
      dollars: (n) => (logGb * PRICES.logGb + storedLogGb * PRICES.storedLogGb) * n,
    },
    {
      what: 'Data transfer: answers to the internet, events to the other regions',
      dollars: (n) => (outMillion + betweenMillion) * n,
    },
    {
      what: `Keys: ${deployed.keys} at ${PRICES.key}, and ${PRICES.keyVersionsCharged} earlier versions of each; requests`,
      dollars: (n) => deployed.keys * keyYear + keyRequestsMillion * n,
    },
    {
      what: `Secret: ${deployed.secrets} copies at ${money(PRICES.secret)}; reads`,
      dollars: (n) => deployed.secrets * PRICES.secret + secretReadsMillion * n,
    },
    ...(deployed.signingKeys === 0 ? [] : [logLine(deployed, sizes)]),
    ...(deployed.copiedBuckets === 0 ? [] : [copiesLine(deployed, sizes)]),
    { what: 'Reads of keysets and the KEK, the sweep', dollars: () => ASSUMED.readsOfARegion * regions },
    {
      what: `Alarms: ${deployed.alarmMetrics} metrics in ${deployed.alarms} alarms at ${money(PRICES.alarmMetric)}`,
      dollars: () => deployed.alarmMetrics * PRICES.alarmMetric,
    },
    {
      what: `Metrics: at most ${deployed.metrics} at ${money(PRICES.metric)}; ${deployed.dashboards} dashboards, 3 of them free`,
      dollars: () => deployed.metrics * PRICES.metric + dashboards,
    },
  ];
}

/** What the transparency log costs: its keys, its functions, and the objects that they write. */
function logLine(deployed: Deployed, { auditItem }: MeasuredSizes): CostLine {
  const { regions, signingKeys, archiverGb, publisherGb } = deployed;
  const gbSeconds = (ms: number, gb: number): number => (ms / 1000) * gb * PRICES.gbSecond;
  const archivedBytes = archivedBytesOf(auditItem);
  return {
    what: `Transparency log: ${signingKeys} keys at ${PRICES.key}, its functions, ${Math.round(archivedBytes)} bytes an event in S3, kept for ${ASSUMED.evidenceMonths} months`,
    dollars: (n) => {
      const { hours, objects, puts, keptGb } = evidence(deployed, auditItem, n);
      const invocations = ((objects + hours) / MILLION) * PRICES.millionInvocations;
      const archiving = objects * gbSeconds(ASSUMED.archiverMs, archiverGb);
      const publishing = gbSeconds(hours * ASSUMED.publisherMs + n * ASSUMED.publisherMsMillion, publisherGb);
      // Each region reads the events of all, and looks for its own in its index, an object a minute.
      const read = n * ASSUMED.readings * regions;
      const reads = (read * MILLION * auditItem) / ASSUMED.bytesOfARead;
      const asked = ASSUMED.readings * hours * 61;
      const reconciling = gbSeconds(read * ASSUMED.reconcilerMsMillion, archiverGb);
      return (
        signingKeys * PRICES.key +
        (puts / MILLION) * PRICES.millionPuts +
        ((2 * objects + asked) / MILLION) * PRICES.millionGets +
        (reads / MILLION) * PRICES.millionReads +
        reconciling +
        invocations +
        archiving +
        publishing +
        keptGb * PRICES.bucketGb
      );
    },
  };
}

/** What the copies cost: each object again, on its way to the other region and there, and S3's metrics about it. */
function copiesLine(deployed: Deployed, { auditItem }: MeasuredSizes): CostLine {
  const { copiedBuckets } = deployed;
  const metrics = copiedBuckets * PRICES.metricsOfAReplication;
  const sentGb = (archivedBytesOf(auditItem) * MILLION) / GB;
  return {
    what: `Copies of the log in another region: ${copiedBuckets} buckets, ${metrics} metrics at ${money(PRICES.metric)}, as many bytes`,
    dollars: (n) => {
      const { puts, keptGb } = evidence(deployed, auditItem, n);
      return (
        metrics * PRICES.metric +
        (puts / MILLION) * PRICES.millionPuts +
        sentGb * n * PRICES.betweenRegionsGb +
        keptGb * PRICES.bucketGb
      );
    },
  };
}

const archivedBytesOf = (auditItem: number): number => auditItem * ASSUMED.compressedEvent + ASSUMED.entryBytes;

/** What archiver and publisher write in a month with n million events. */
function evidence({ regions }: Deployed, auditItem: number, n: number) {
  const hours = regions * ASSUMED.hours;
  const objects = Math.max(regions * ASSUMED.shards * ASSUMED.batchesOfAShard, (n * MILLION) / 1000);
  return {
    hours,
    objects,
    puts: objects + hours * ASSUMED.objectsOfAnHour + (n * MILLION) / 128,
    keptGb: (archivedBytesOf(auditItem) * MILLION * n * ASSUMED.evidenceMonths) / GB,
  };
}

/** What the event of one decrypt comes to, in all regions; `keptGb` is that of a million a month. */
export function writtenUnits({ regions, retentionMonths }: Deployed, { auditItem }: MeasuredSizes) {
  const replicas = regions - 1;
  const storedItem = auditItem + ITEM_OVERHEAD_BYTES.index + (replicas > 0 ? ITEM_OVERHEAD_BYTES.globalTable : 0);
  const writeUnits = Math.ceil(auditItem / 1024);
  return {
    storedItem,
    writeUnits,
    written: writeUnits * regions,
    expiring: writeUnits * replicas,
    keptGb: (storedItem * MILLION * retentionMonths * regions) / GB,
  };
}

export function restCalls(millions: number): number {
  let [cost, before] = [0, 0];
  for (const { upToMillions, each } of PRICES.restCalls) {
    cost += Math.max(0, Math.min(millions, upToMillions) - before) * each;
    before = upToMillions;
  }
  return cost;
}

const money = (dollars: number): string => dollars.toFixed(2);
