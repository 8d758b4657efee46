import { lastLines } from './last-lines';
import { LONG_PARTS, type Part } from './long-parts';
import { runCheck, type Outcome } from './run-check';

const USAGE = `npm run test:long                  all parts, one after the other
npm run test:long -- NAME [NAME]   these parts
npm run test:long -- --list        what there is`;

/** `npm run test:long`: the large numbers that an issue needs before it is closed. */
async function main(names: readonly string[]): Promise<number> {
  if (names.includes('--list') || names.includes('--help')) {
    const lines = LONG_PARTS.map(({ name, what }) => `${name.padEnd(16)} ${what}`);
    process.stdout.write(`${[...(names.includes('--help') ? [USAGE, ''] : []), ...lines].join('\n')}\n`);
    return 0;
  }
  const unknown = names.filter((name) => LONG_PARTS.every((part) => part.name !== name));
  if (unknown.length > 0) {
    process.stderr.write(`there is no part ${unknown.join(', ')}; --list names them\n`);
    return 2;
  }
  const chosen: readonly Part[] = LONG_PARTS.filter(({ name }) => names.length === 0 || names.includes(name));
  const outcomes: Outcome[] = [];
  for (const part of chosen) outcomes.push(await runCheck(part));
  process.stdout.write(lastLines(outcomes));
  return outcomes.some(({ failed }) => failed > 0) ? 1 : 0;
}

void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
