import { stillAtRevision } from '../../lambdas/adapters/aws/conditional-write';
import type { RotationReport, ShardProgress } from '../../lambdas/core/domain/rotation-report';
import type { RotationStore } from '../../lambdas/core/ports/rotation-store';
import type { RotationItem, TableAccess } from './simulated-tables';

const reportKey = (provider: string, rotationId: string): string => `report ${provider} ${rotationId}`;
const shardsKey = (provider: string, rotationId: string): string => `shard ${provider} ${rotationId} `;
const shardKey = (provider: string, rotationId: string, shard: number): string =>
  shardsKey(provider, rotationId) + String(shard).padStart(2, '0');
const CLOSED_TO = 'intents-closed-to';

/** Reports and shards of rotations at home. */
export function rotationStore(access: TableAccess<RotationItem>): RotationStore {
  const under = (prefix: string): readonly RotationItem[] =>
    [...access.table.entries(access.region)]
      .filter(([key]) => key.startsWith(prefix))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, item]) => item);
  return {
    report: async (provider, id) => (await access.get(reportKey(provider, id))) as RotationReport | undefined,
    reports: (provider, { before, limit }) =>
      access.read(`reports ${provider}`, () =>
        (under(`report ${provider} `) as readonly RotationReport[])
          .filter(({ rotation_id: id }) => before === undefined || id < before)
          .reverse()
          .slice(0, limit),
      ),
    putReport: (report, expectedRevision) =>
      access.write(reportKey(report.provider, report.rotation_id), report, stillAtRevision(expectedRevision)),
    shard: async (provider, id, shard) =>
      (await access.get(shardKey(provider, id, shard))) as ShardProgress | undefined,
    shards: (provider, id) =>
      access.read(`shards ${provider}`, () => under(shardsKey(provider, id)) as readonly ShardProgress[]),
    putShard: (progress, expectedRevision) =>
      access.write(
        shardKey(progress.provider, progress.rotation_id, progress.shard),
        progress,
        stillAtRevision(expectedRevision),
      ),
    intentsClosedTo: async () => ((await access.get(CLOSED_TO)) as { time: string } | undefined)?.time,
    noteIntentsClosedTo: (time) =>
      access.read(CLOSED_TO, () => {
        const known = access.table.get(access.region, CLOSED_TO) as { time: string } | undefined;
        if (known === undefined || known.time < time) access.table.write(access.region, CLOSED_TO, { time });
      }),
  };
}
