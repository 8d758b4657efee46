/**
 * AWS's list prices in US dollars for us-east-1, as known in November 2025: **written down from memory and not looked up again**;
 * each constant names the page that has today's. Ireland and Mumbai cost up to a fifth more. Free tiers are left out, but for
 * dashboards. A month is one of 30 days; a GB has 2^30 bytes.
 */
export const PRICES = {
  /** aws.amazon.com/api-gateway/pricing: REST API calls, each million, by how many there were before in the month. */
  restCalls: [
    { upToMillions: 333, each: 3.5 },
    { upToMillions: 1000, each: 2.8 },
    { upToMillions: 20_000, each: 2.38 },
  ],
  /** aws.amazon.com/waf/pricing. No rule looks at bodies; those above 16 KB would cost more. */
  webAcl: 5,
  webAclRule: 1,
  millionInspected: 0.6,
  /** aws.amazon.com/lambda/pricing: arm64. */
  millionInvocations: 0.2,
  gbSecond: 0.0000133334,
  /** aws.amazon.com/dynamodb/pricing/on-demand: a write of up to 1 KB, in a replica the same; Standard table class. */
  millionWrites: 0.625,
  /** A strongly consistent read of up to 4 KB, or an eventually consistent one of 8. */
  millionReads: 0.125,
  tableGb: 0.25,
  recoveryGb: 0.2,
  /** aws.amazon.com/kms/pricing: a key, and each of the first two versions that rotation leaves behind. */
  key: 1,
  keyVersion: 1,
  keyVersionsCharged: 2,
  tenThousandKeyRequests: 0.03,
  /** aws.amazon.com/secrets-manager/pricing: each replica is a secret. */
  secret: 0.4,
  tenThousandSecretReads: 0.05,
  /** aws.amazon.com/s3/pricing: Standard. */
  millionPuts: 5,
  millionGets: 0.4,
  bucketGb: 0.023,
  /** Metrics of a rule of S3's replication, charged as custom ones: bytes and operations that wait, and latency. One more while copies fail. */
  metricsOfAReplication: 3,
  /** aws.amazon.com/cloudwatch/pricing: logs taken in, then kept (compressed, 26 bytes more for each event); the first 10,000 metrics. */
  logGb: 0.5,
  storedLogGb: 0.03,
  bytesOfMetadata: 26,
  metric: 0.3,
  /** For each metric that an alarm looks at, at a resolution of a minute or more. */
  alarmMetric: 0.1,
  dashboard: 3,
  dashboardsFree: 3,
  /** aws.amazon.com/ec2/pricing/on-demand, data transfer: to the internet; to another region from us-east-1. */
  outGb: 0.09,
  betweenRegionsGb: 0.02,
} as const;

export const GB = 2 ** 30;
export const MILLION = 1_000_000;
