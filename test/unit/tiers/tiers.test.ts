import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../../compile/root';

interface Project {
  readonly displayName: string;
  readonly testMatch: readonly string[];
  readonly testPathIgnorePatterns?: readonly string[];
}

const FILES = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.test.ts'),
);

/** The test files of a configuration of Jest, each as often as one of its projects has it. */
const filesOf = (config: string): readonly string[] =>
  jest.requireActual<{ projects: readonly Project[] }>(`../../../${config}`).projects.flatMap((project) => {
    const ignored = (project.testPathIgnorePatterns ?? []).map((pattern) => new RegExp(pattern));
    return FILES.filter((file) => {
      const matches = [`<rootDir>/test/${project.displayName}/**/*.test.ts`, `<rootDir>/test/${file}`];
      const isOfProject =
        file.startsWith(`${project.displayName}/`) && project.testMatch.some((glob) => matches.includes(glob));
      return isOfProject && ignored.every((pattern) => !pattern.test(`/test/${file}`));
    });
  });

test('test:all runs each test file once: by npm test, or after it', () => {
  const beyond = filesOf('jest.beyond.config.js');
  expect([...filesOf('jest.commit.config.js'), ...beyond].sort()).toEqual([...FILES].sort());
  expect([...filesOf('jest.config.js')].sort()).toEqual([...FILES].sort());
  expect([...beyond].sort()).toEqual(
    [...jest.requireActual<readonly string[]>('../../tiers/beyond-commit.cjs')].sort(),
  );
});
