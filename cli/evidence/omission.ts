/** What a pack does not have, and where to get it. */
export interface Omission {
  readonly what: string;
  readonly where: string;
}

/** Without `--policies`. */
export const NO_POLICIES: Omission = {
  what: 'Policies of callers: who may do what, beyond what was done or refused',
  where:
    'on AWS what aws iam get-account-authorization-details prints; in local mode principals.json in the data directory. With --caller-policies FILE the pack has them',
};

/** What no call of the API returns. */
export const NOT_IN_THE_API: readonly Omission[] = [
  {
    what: 'Configuration of the deployment: retention, regions, alarms, notified addresses',
    where:
      'cdk.json in the repository from which it was deployed, and the templates that cdk synth makes of it; in local mode the environment of npm start',
  },
  {
    what: 'Every event of the period in full',
    where: 'keyward audit export with the same --from and --to',
  },
  {
    what: 'Changes made past Keyward, by calls to AWS or on the machine',
    where: 'CloudTrail of the account; in local mode the records of the operating system',
  },
  {
    what: 'Refusals on AWS that API Gateway does not log or cannot tell: some of 413, 429 and 431, and requests without a route',
    where:
      'its metrics in each region, and for requests without a route its access log; refusals by IAM, WAF and throttles are events',
  },
];
