import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { synthesize } from '../synthesize';
import { upgradeFacts } from './upgrade-facts';

/**
 * Writes down what the deployed templates are like, for the comparison in upgrade.test.ts: `npx tsx test/infra/stacks/write-before.ts`,
 * on the commit of a release, when the next one begins.
 */
const facts = upgradeFacts(synthesize().templates);
const lines = Object.entries(facts).map(([stack, { resources, exports, imports }]) => {
  const each = Object.entries(resources).map(
    ([id, resource]) => `      ${JSON.stringify(id)}: ${JSON.stringify(resource)}`,
  );
  return [
    `  ${JSON.stringify(stack)}: {`,
    `    "exports": ${JSON.stringify(exports)},`,
    `    "imports": ${JSON.stringify(imports)},`,
    `    "resources": {\n${each.join(',\n')}\n    }`,
    '  }',
  ].join('\n');
});
writeFileSync(join(__dirname, 'before.json'), `{\n${lines.join(',\n')}\n}\n`);
