import { command } from '../command';

/** The command that checks whether calls can work. */
export const DOCTOR_COMMANDS = [
  command({
    words: ['doctor'],
    summary:
      'check endpoint, clock, credentials, permissions, readiness and versions, and for a local server its transparency log',
    details: `Prints one line for each check, with what to do. It changes nothing and sends no key. It checks permissions with invalid requests,
which change nothing; one that a policy denies counts as a refusal. With SECRETS_PROVIDER=vault it checks the settings of Vault as npm start does.`,
    parameters: ['provider'],
    required: 0,
    options: {},
    work: async () => (await import('./examine-surroundings')).examineSurroundings,
  }),
];
