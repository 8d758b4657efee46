import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { KEYSETS_DIRECTORY } from '../local-names';
import { badFile, createPrivateFile, syncDirectory, systemCode } from '../../lambdas/adapters/local/private-file';
import type { Randomness } from '../../lambdas/core/crypto/randomness';

/** A character that no provider name has. */
const VERSION = '@';

/**
 * Which providers ever had a keyset here, and the highest stored version of each, in files outside the database: a lost database
 * takes its own traces with it, and must not look like a first start; an older database in its place must not deny versions, or
 * use their numbers again.
 */
export class KeysetMarks {
  private constructor(
    private readonly directory: string,
    private readonly marked: Set<string>,
    private readonly randomness: Randomness,
  ) {}

  /** @throws KeywardError `configuration_invalid` if the directory cannot be used */
  static async open(home: string, randomness: Randomness): Promise<KeysetMarks> {
    const directory = join(home, KEYSETS_DIRECTORY);
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

  /** Marks providers whose keysets the database has confirmed, and so are durable. */
  async mark(providers: readonly string[]): Promise<void> {
    for (const provider of providers.filter((each) => !this.has(each))) await this.make(provider);
  }

  /** Returns the highest marked version; 0 if there is none. */
  highestVersion(provider: string): number {
    const versions = [...this.marked].filter((name) => name.startsWith(`${provider}${VERSION}`));
    return Math.max(0, ...versions.map((name) => Number(name.slice(provider.length + 1))).filter(Number.isSafeInteger));
  }

  /** Marks the highest version of a stored keyset. A version that is not above the mark changes nothing. */
  async markVersion(provider: string, version: number): Promise<void> {
    if (version > this.highestVersion(provider)) await this.make(`${provider}${VERSION}${version}`);
  }

  private async make(name: string): Promise<void> {
    await createPrivateFile(join(this.directory, name), '', this.randomness);
    this.marked.add(name);
  }

  /** Returns the names of these providers' files. */
  filesOf(providers: readonly string[]): readonly string[] {
    return [...this.marked].filter((name) => providers.includes(name.split(VERSION, 1)[0] ?? ''));
  }
}
