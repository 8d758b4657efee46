import type { PlantedMistake } from './planted-mistake';

const TIMES = ['test/contract/vault/vault-aws-credentials.test.ts'];
const CLIENTS = ['test/contract/vault/leased-credentials.test.ts'];

/** AWS credentials from Vault that serve too long, or that are lost. */
export const CREDENTIAL_MISTAKES: readonly PlantedMistake[] = [
  {
    name: 'the SDK keeps credentials for itself',
    file: 'lambdas/adapters/aws/leased-credentials.ts',
    right: '{ memoized: true }',
    wrong: '{}',
    tests: CLIENTS,
  },
  {
    name: 'a request whose keys are refused is not repeated',
    file: 'lambdas/adapters/aws/leased-credentials.ts',
    right: '!KEYS_REFUSED.has(errorNameOf(thrown))',
    wrong: 'KEYS_REFUSED.has(errorNameOf(thrown))',
    tests: CLIENTS,
  },
  {
    name: 'a region that denies new keys is not heard',
    file: 'lambdas/adapters/aws/dynamodb/credentials-probe.ts',
    right: " && !results.includes('denied')",
    wrong: '',
    tests: CLIENTS,
  },
  {
    name: 'an IAM user outlives the token that made it',
    file: 'lambdas/adapters/vault/aws-leases.ts',
    right: 'endsAt: Math.min(endsAt, token.endsAt)',
    wrong: 'endsAt',
    tests: TIMES,
  },
  {
    name: "another login renews an IAM user's lease",
    file: 'lambdas/adapters/vault/aws-leases.ts',
    right: ' || reply.token.login !== lease.login',
    wrong: '',
    tests: TIMES,
  },
  {
    name: 'an attempt that slept with the process fails the request that wakes it',
    file: 'lambdas/adapters/vault/vault-aws-credentials.ts',
    right: 'now - this.work.startedAt > SLEPT_MS',
    wrong: 'now < 0',
    tests: TIMES,
  },
  {
    name: 'keys that AWS refuses are taken anew at each request',
    file: 'lambdas/adapters/vault/vault-aws-credentials.ts',
    right: 'if (isAgain && !others',
    wrong: 'if (now < 0 && !others',
    tests: TIMES,
  },
  {
    name: 'a clean end leaves the IAM users',
    file: 'lambdas/adapters/vault/vault-aws-credentials.ts',
    right: 'users.map((each) => each.source.revoke(each))',
    wrong: '[]',
    tests: TIMES,
  },
  {
    name: 'each request without credentials asks Vault',
    file: 'lambdas/adapters/vault/vault-aws-credentials.ts',
    right: 'Math.abs(startedAt - failure.at) < PAUSE_MS',
    wrong: 'startedAt < 0',
    tests: TIMES,
  },
  {
    name: 'what an operator can mend is said at each attempt',
    file: 'lambdas/adapters/vault/vault-aws-credentials.ts',
    right: ' || message === this.logged',
    wrong: '',
    tests: TIMES,
  },
];
