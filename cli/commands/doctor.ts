import { command } from '../command';

/** What looks whether calls can work at all. */
export const DOCTOR_COMMANDS = [
  command({
    words: ['doctor'],
    summary: 'check endpoint, clock, credentials, permissions, readiness and versions',
    details: `One line each, with what to do. It changes nothing and sends no key. What the caller may do is found out by requests that are
refused for what they say; one that a policy denies counts as a refusal, as any does.`,
    parameters: ['provider'],
    required: 0,
    options: {},
    work: async () => (await import('./examine-surroundings')).examineSurroundings,
  }),
];
