import { cpus } from 'node:os';
import { benchAuditJournal } from './audit-journal';
import { benchBundles } from './bundles';
import { benchCrypto } from './crypto';
import { benchDurability } from './durability';
import { benchEmbeddedStore } from './embedded-store';
import { benchLambdaBatches } from './lambda-batches';
import { benchPublishedDecrypts } from './published-decrypts';
import { benchPreviousValues } from './previous-values';
import { benchServed } from './served';
import { benchRekey } from './rekey';
import { benchStartup } from './startup';
import { benchGroupCommit } from './group-commit';
import { benchTransparencyLog } from './transparency-log';
import { benchVerifyAudit } from './verify-audit';
import { benchVault } from './vault';
import type { Row } from './row';

const BENCHES: readonly (readonly [name: string, run: () => Promise<Row[]>])[] = [
  ['crypto', benchCrypto],
  ['served', benchServed],
  ['vault', benchVault],
  ['bundles', benchBundles],
  ['lambda-batches', benchLambdaBatches],
  ['rekey', benchRekey],
  ['durability', benchDurability],
  ['group-commit', benchGroupCommit],
  ['startup', benchStartup],
  ['previous-values', benchPreviousValues],
  ['embedded-store', benchEmbeddedStore],
  ['audit-journal', benchAuditJournal],
  ['transparency-log', benchTransparencyLog],
  ['published-decrypts', benchPublishedDecrypts],
  ['verify-audit', benchVerifyAudit],
];

function print(name: string, rows: readonly Row[]): void {
  console.log(`\n## ${name}\n\n| what | median | spread | target | reached |\n| --- | --- | --- | --- | --- |`);
  for (const { what, measured, spread, target, reached, note } of rows) {
    const verdict = reached === undefined ? '' : reached ? 'yes' : '**no**';
    const cells = [note === undefined ? what : `${what} (${note})`, measured, spread, target ?? '', verdict];
    console.log(`| ${cells.join(' | ')} |`);
  }
}

/** Usage: `tsx bench/main.ts [name …]`. Runs the named benches, or all, and prints a table of each. */
async function main(wanted: readonly string[]): Promise<void> {
  const chosen = BENCHES.filter(([name]) => wanted.length === 0 || wanted.includes(name));
  console.log(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}`);
  for (const [name, run] of chosen) print(name, await run());
}

void main(process.argv.slice(2));
