/** One line of what a test has shown. */
export const printLine = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
