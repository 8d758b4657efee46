import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { synthesize } from './synthesize';
import { STANDARD_FILE } from './synthesized';

/** Jest calls this once before the infra tests; their processes inherit the environment. */
export default function writeStandard(): void {
  const path = join(mkdtempSync(join(tmpdir(), 'keyward-infra-standard-')), 'standard.json');
  const { templates, dependencies, report } = synthesize();
  writeFileSync(path, JSON.stringify({ templates: [...templates], dependencies: [...dependencies], report }));
  process.env[STANDARD_FILE] = path;
  process.once('exit', () => {
    rmSync(dirname(path), { recursive: true, force: true });
  });
}
