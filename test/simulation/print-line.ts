/** One line of a test's result. */
export const printLine = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
