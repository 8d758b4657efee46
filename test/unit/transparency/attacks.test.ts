import type { Ground } from './attacked-log';
import { auditWorld, each, shown } from './audit-world';
import { tryAttacks } from './try-attacks';

/** A log in memory: the ports' own doubles. */
function memoryGround(): Ground {
  const { log, table, others, files } = auditWorld();
  const { archive, store, values } = log;
  const replace = <V>(map: Map<string, V>, by: ReadonlyMap<string, V>): void => {
    map.clear();
    for (const [key, value] of by) map.set(key, value);
  };
  return {
    name: 'memory',
    happen: async (lines, now) => {
      log.now = now;
      for (const event of lines.map(shown)) table.set(event['id'] as string, event);
      log.archiveLines(lines);
    },
    publish: async (now) => {
      log.now = now;
      await log.publish();
    },
    load: async () => ({
      archive: new Map(Array.from(archive, ([hour, objects]) => [hour, new Map(objects)])),
      store: new Map(store),
      values: { ...values },
      others: new Map(others),
      table: new Map(table),
    }),
    put: async (stored) => {
      archive.clear();
      for (const [hour, objects] of stored.archive) archive.set(hour, new Map(objects));
      replace(store, stored.store);
      replace(others, stored.others);
      replace(table, stored.table);
      Object.assign(values, stored.values);
    },
    read: () => ({ files, events: each([...table.values()]) }),
  };
}

tryAttacks('memory', memoryGround);
