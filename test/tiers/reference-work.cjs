const { createHash } = require('node:crypto');

const ROUNDS = 300;

/**
 * Prints the CPU seconds that a fixed piece of work takes here and now: small objects, JSON and hashes, as tests have them. What a
 * second of CPU does differs between machines, and with what else they do.
 */
function work() {
  let text = '';
  for (let round = 0; round < ROUNDS; round += 1) {
    const hash = createHash('sha256').update(text).digest('hex');
    const rows = Array.from({ length: 2000 }, (_, index) => ({
      index,
      name: `row-${index}-${hash}`,
      of: [index, round],
    }));
    const byName = new Map(rows.sort((a, b) => (a.name < b.name ? -1 : 1)).map((row) => [row.name, row]));
    text = JSON.stringify(JSON.parse(JSON.stringify([...byName])));
  }
}

work();
const { user, system } = process.cpuUsage();
process.stdout.write(`${(user + system) / 1_000_000}\n`);
