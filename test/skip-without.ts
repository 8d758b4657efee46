/**
 * What is needed and not here: `describe` and `test` that are skipped with a reason, which the run's last lines repeat
 * (`tiers/tell-skipped.cjs`). A skipped test never counts as passed.
 */
const titled = (reason: string | undefined, title: string): string =>
  reason === undefined ? title : `${title} [SKIPPED: ${reason}]`;

/** @param reason why it cannot be run; undefined: it can */
export const describeUnless = (reason: string | undefined, title: string, tests: () => void): void => {
  (reason === undefined ? describe : describe.skip)(titled(reason, title), tests);
};

/** @param reason why it cannot be run; undefined: it can */
export const testUnless = (reason: string | undefined, title: string, run: jest.ProvidesCallback): void => {
  (reason === undefined ? test : test.skip)(titled(reason, title), run);
};
