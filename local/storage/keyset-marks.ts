import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { KEYSETS_DIRECTORY } from '../local-names';
import { badFile, createPrivateFile, syncDirectory, systemCode } from '../../lambdas/adapters/local/private-file';
import type { Randomness } from '../../lambdas/core/crypto/randomness';

/** No provider's name has this character. */
const VERSION = '@';

/**
 * Which providers ever had a keyset here, and which version of it is the highest that was stored, in files outside of the
 * database: one that is lost takes its own traces with it, and must not look like a first start; an older one in its place must
 * not deny versions that there were, or use their numbers again.
 */
export class KeysetMarks {
  private constructor(
    private readonly directory: string,
    private readonly marked: Set<string>,
    private readonly randomness: Randomness,
  ) {}

  /** @throws KeywardError `configuration_invalid` where the directory cannot be used */
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

  /** Marks providers whose keysets the database has answered to have stored, and so has on the device. */
  async mark(providers: readonly string[]): Promise<void> {
    for (const provider of providers.filter((each) => !this.has(each))) await this.make(provider);
  }

  /** The highest version that was marked; 0 where none was. */
  highestVersion(provider: string): number {
    const versions = [...this.marked].filter((name) => name.startsWith(`${provider}${VERSION}`));
    return Math.max(0, ...versions.map((name) => Number(name.slice(provider.length + 1))).filter(Number.isSafeInteger));
  }

  /** Marks the highest version of a keyset that is stored. One that is not above what is marked changes nothing. */
  async markVersion(provider: string, version: number): Promise<void> {
    if (version > this.highestVersion(provider)) await this.make(`${provider}${VERSION}${version}`);
  }

  private async make(name: string): Promise<void> {
    await createPrivateFile(join(this.directory, name), '', this.randomness);
    this.marked.add(name);
  }

  /** The names of the files that belong to these providers. */
  filesOf(providers: readonly string[]): readonly string[] {
    return [...this.marked].filter((name) => providers.includes(name.split(VERSION, 1)[0] ?? ''));
  }
}
