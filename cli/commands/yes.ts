/** Option of commands that ask for a confirmation. */
export const YES = {
  yes: { type: 'boolean', shown: '--yes', help: 'do not ask; required where there is no terminal' },
} as const;
