import type { DekRotationReport, ShardProgress } from '../../../lambdas/core/dek-rotation/dek-rotation-report';
import type { DekRotationStore } from '../../../lambdas/core/dek-rotation/ports/dek-rotation-store';
import { asRead, putConditionally } from './put-conditionally';
import type { Rows, Table } from './table';

/** Stored records of rotations. */
export type DekRotationItem = DekRotationReport | ShardProgress | { readonly time: string };

const reportKey = (provider: string, rotationId: string): string => `report ${provider} ${rotationId}`;
const shardsKey = (provider: string, rotationId: string): string => `shard ${provider} ${rotationId} `;
const shardKey = (provider: string, rotationId: string, shard: number): string =>
  shardsKey(provider, rotationId) + String(shard).padStart(2, '0');
export const CLOSED_TO = 'intents-closed-to';

const under = (rows: Pick<Rows<DekRotationItem>, 'entries'>, prefix: string): readonly DekRotationItem[] =>
  [...rows.entries()]
    .filter(([key]) => key.startsWith(prefix))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, item]) => item);

/** Reports and shards of rotations in one table. */
export function dekRotationStore(table: Table<DekRotationItem>): DekRotationStore {
  const get = <T extends DekRotationItem>(key: string): Promise<T | undefined> =>
    table.read(`get ${key}`, (rows) => rows.get(key) as T | undefined);
  return {
    report: (provider, id) => get<DekRotationReport>(reportKey(provider, id)),
    reports: (provider, { before, limit }) =>
      table.read(`reports ${provider}`, (rows) =>
        (under(rows, `report ${provider} `) as readonly DekRotationReport[])
          .filter(({ rotation_id: id }) => before === undefined || id < before)
          .reverse()
          .slice(0, limit),
      ),
    putReport: (report, expectedRevision) =>
      putConditionally(table, reportKey(report.provider, report.rotation_id), report, asRead(expectedRevision)),
    shard: (provider, id, shard) => get<ShardProgress>(shardKey(provider, id, shard)),
    shards: (provider, id) =>
      table.read(`shards ${provider}`, (rows) => under(rows, shardsKey(provider, id)) as readonly ShardProgress[]),
    putShard: (progress, expectedRevision) =>
      putConditionally(
        table,
        shardKey(progress.provider, progress.rotation_id, progress.shard),
        progress,
        asRead(expectedRevision),
      ),
    intentsClosedTo: async () => (await get<{ readonly time: string }>(CLOSED_TO))?.time,
    noteIntentsClosedTo: (time) =>
      table.write(CLOSED_TO, (rows) => {
        const known = rows.get(CLOSED_TO) as { readonly time: string } | undefined;
        if (known === undefined || known.time < time) rows.set(CLOSED_TO, { time });
      }),
  };
}
