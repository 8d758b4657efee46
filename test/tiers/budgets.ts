/** CPU seconds (user and system) of all processes that `npm test` may take; each issue after the tenth may add 30. */
export const COMMIT_CPU_SECONDS = 330;
