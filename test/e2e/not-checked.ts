/** What this test cannot show, because MiniStack does not do it. */
export const NOT_CHECKED: readonly string[] = [
  'that Secrets Manager calls rotate-kek, and lets nobody else: the four steps are invoked here',
  'that a role reads the secret by AWSCURRENT alone: MiniStack does not know that condition (test/infra evaluates it)',
  'that EventBridge Scheduler invokes the sweep every hour: it is invoked here',
  'that events are archived and published: MiniStack makes no Ed25519 key, and has no SDK for the function that finds the stream (test/integration/bundles/log-functions.test.ts runs the functions, test/infra evaluates the rest)',
  'that nothing but TLS is served: MiniStack is reached by HTTP, and told that a proxy ended TLS',
];
