import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from '../../compile/root';

/** Copies the files that git lists in this checkout, in their present state, into a directory. */
export function copySources(directory: string): void {
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], { cwd: ROOT });
  // A file that git still lists may have been deleted.
  const files = listed
    .toString('utf8')
    .split('\0')
    .filter((each) => each !== '' && existsSync(join(ROOT, each)));
  for (const file of files) {
    mkdirSync(dirname(join(directory, file)), { recursive: true });
    cpSync(join(ROOT, file), join(directory, file));
  }
}
