import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../compile/root';
import { NotAvailable } from './install-from-pypi';

export interface MavenPackage {
  readonly group: string;
  readonly artifact: string;
  readonly version: string;
}

const CACHE = join(ROOT, '.cache');
/** Longer than an installation takes; without it a registry that never answers would block the run. */
const TIMEOUT_MS = 600_000;

const pomOf = ({ group, artifact, version }: MavenPackage): string =>
  `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>keyward</groupId>
  <artifactId>of-a-test</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>${group}</groupId>
      <artifactId>${artifact}</artifactId>
      <version>${version}</version>
    </dependency>
  </dependencies>
</project>
`;

const COPY_DEPENDENCIES = [
  '-q',
  '-B',
  'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies',
  '-DoutputDirectory=lib',
  '-Dmdep.useBaseVersion=true',
];

/**
 * Puts a package from Maven Central and all that it needs into a folder below `.cache`, unless it is there.
 *
 * @returns the folder; the archives are in its `lib`
 * @throws NotAvailable without java or mvn, or if Maven does not get the package
 */
export async function installFromMaven(wanted: MavenPackage): Promise<string> {
  const { artifact, version } = wanted;
  const requireProgram = (program: 'java' | 'mvn'): void => {
    if (spawnSync(program, ['-version'], { stdio: 'ignore' }).status === 0) return;
    throw new NotAvailable(`${artifact} needs Java 17 or later and Maven, and ${program} is missing here.`);
  };
  const directory = join(CACHE, `${artifact}-${version}`);
  requireProgram('java');
  if (existsSync(directory)) return directory;
  requireProgram('mvn');
  await mkdir(CACHE, { recursive: true });
  // In a separate folder, then renamed, so that an interrupted download is not taken for the package.
  const temporary = await mkdtemp(join(CACHE, 'fetching-'));
  try {
    await writeFile(join(temporary, 'pom.xml'), pomOf(wanted));
    const { status } = spawnSync('mvn', COPY_DEPENDENCIES, { cwd: temporary, stdio: 'ignore', timeout: TIMEOUT_MS });
    if (status !== 0) throw new NotAvailable(`Maven does not get ${artifact} ${version} here.`);
    await rename(temporary, directory);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  return directory;
}
