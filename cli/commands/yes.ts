/** Option of what is not done without having been confirmed. */
export const YES = {
  yes: { type: 'boolean', shown: '--yes', help: 'do not ask; where nobody can be asked it is needed' },
} as const;
