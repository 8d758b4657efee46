/** Counts checks, and prints a line for each, as `npm run test:long` and `.ci/run` read them. */
export class Tally {
  private passed = 0;
  private failed = 0;
  private skipped = 0;

  /** @returns whether it passed */
  async check(what: string, proof: () => Promise<unknown>): Promise<boolean> {
    try {
      await proof();
      this.passed += 1;
      print(`ok      ${what}`);
      return true;
    } catch (thrown) {
      this.failed += 1;
      print(`FAILED  ${what}: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
      return false;
    }
  }

  /** @param reason what was not checked, and why */
  skip(reason: string): void {
    this.skipped += 1;
    print(`SKIPPED: ${reason}`);
  }

  get allPassed(): boolean {
    return this.failed === 0 && this.passed + this.skipped > 0;
  }

  toString(): string {
    return `${this.passed} passed, ${this.failed} failed, ${this.skipped} skipped`;
  }
}

export const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
