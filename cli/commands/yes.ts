/** Option of what is not done without having been confirmed. */
export const YES = {
  yes: { type: 'boolean', shown: '--yes', help: 'do not ask; required where there is no terminal' },
} as const;
