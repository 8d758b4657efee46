import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { badFile, createPrivateFile, syncDirectory, systemCode } from '../lambdas/adapters/local/private-file';
import type { Randomness } from '../lambdas/core/domain/randomness';

/**
 * Which providers ever had a keyset here, in files outside of the database: a database that is lost takes its own traces
 * with it, and must not look like a first start.
 */
export class KeysetMarks {
  private constructor(
    private readonly directory: string,
    private readonly marked: Set<string>,
    private readonly randomness: Randomness,
  ) {}

  /** @throws KeywardError `configuration_invalid` where the directory cannot be used */
  static async open(home: string, randomness: Randomness): Promise<KeysetMarks> {
    const directory = join(home, 'keysets');
    try {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      await syncDirectory(home);
      return new KeysetMarks(directory, new Set(await readdir(directory)), randomness);
    } catch (thrown) {
      throw badFile(directory, `cannot be used (${systemCode(thrown)})`);
    }
  }

  get isEmpty(): boolean {
    return this.marked.size === 0;
  }

  has(provider: string): boolean {
    return this.marked.has(provider);
  }

  /** Marks providers whose keysets the database has answered to have stored, and so has on the device. */
  async mark(providers: readonly string[]): Promise<void> {
    for (const provider of providers.filter((each) => !this.has(each))) {
      await createPrivateFile(join(this.directory, provider), '', this.randomness);
      this.marked.add(provider);
    }
  }
}
