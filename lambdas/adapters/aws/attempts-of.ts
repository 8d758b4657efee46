/** How often the SDK sent a call that failed; 0 if it sent nothing. */
export const attemptsOf = (thrown: unknown): number =>
  (Object(thrown) as { $metadata?: { attempts?: number } }).$metadata?.attempts ?? 0;
