/** What this test cannot show, because MiniStack does not do it. */
export const NOT_CHECKED: readonly string[] = [
  'that Secrets Manager calls rotate-kek, and lets nobody else: the four steps are invoked here',
  'that a role reads the secret by AWSCURRENT alone: MiniStack does not know that condition (test/infra evaluates it)',
  'that EventBridge Scheduler invokes the sweep every hour: it is invoked here',
  "that KMS signs for the log: a double of KMS does, which says what API_Sign does; nor that the log's stack finds the table's stream, which is looked up here",
  'that nobody but its function writes a bucket of the log, and nobody deletes: the policies of its buckets and keys are left out, and MiniStack holds no lock (test/infra evaluates them)',
  'the logs of the other regions, and the copies: MiniStack replicates no bucket',
  'that EventBridge Scheduler has the log published every hour: it is published on demand',
  'that refusals of the gateway become audit events: MiniStack writes no access log, and knows no regular expression in a filter (test/integration/bundles/record-refusals.test.ts runs the function, test/infra evaluates the rest)',
  'that nothing but TLS is served: MiniStack is reached by HTTP, and told that a proxy ended TLS',
];
