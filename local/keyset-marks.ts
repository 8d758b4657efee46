import { mkdir, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { badFile, createPrivateFile, systemCode } from '../lambdas/adapters/local/private-file';
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

  /**
   * Marks providers, once what the database holds of them would survive a power cut.
   *
   * @param database the database's directory
   */
  async mark(providers: readonly string[], database: string): Promise<void> {
    const missing = providers.filter((provider) => !this.has(provider));
    if (missing.length === 0) return;
    for (const name of await readdir(database)) await syncFile(join(database, name));
    for (const provider of missing) {
      await createPrivateFile(join(this.directory, provider), '', this.randomness);
      this.marked.add(provider);
    }
  }
}

/** LevelDB removes its files at any time; one that is gone needs no sync. */
async function syncFile(path: string): Promise<void> {
  try {
    const file = await open(path, 'r');
    await file.sync().finally(() => file.close());
  } catch (thrown) {
    if (systemCode(thrown) !== 'ENOENT') throw badFile(path, `cannot be synced (${systemCode(thrown)})`);
  }
}
