import { AuditTrail } from '../../lambdas/core/audit/audit-trail';
import { newKekSecretRecord, serializeKekSecret, type KekSecretRecord } from '../../lambdas/core/crypto/kek-keyset';
import type { KekMoveGuard } from '../../lambdas/core/kek-move/kek-move-guard';
import { createKekOperations } from '../../lambdas/core/kek-rotation/create-kek-operations';
import { nextKekSecret } from '../../lambdas/core/kek-rotation/next-kek-secret';
import type { KekHomes } from '../../lambdas/core/contract/kek-homes';
import { createBeginKekMove } from '../../lambdas/core/kek-move/begin-kek-move';
import { createAbortKekMove, createFinishKekMove } from '../../lambdas/core/kek-move/end-kek-move';
import { homeInForce, type KekMoveRecord } from '../../lambdas/core/kek-move/kek-move-record';
import { createMoveKek } from '../../lambdas/core/kek-move/move-kek';
import { MemoryHomeReporter } from './memory-home-reporter';
import { testRandomness } from './memory-ports';
import { RecordingLogger } from './recording-logger';
import { kekMoveStore } from './stores/kek-move-store';
import { MemoryTable } from './stores/memory-table';
import type { World } from './world';

const CREATED_AT = Date.parse('2026-10-30T08:00:00.000Z');

/** A KEK secret in memory, in two regions; a test sets its members. */
export class KekInMemory {
  record: KekSecretRecord = newKekSecretRecord(testRandomness, CREATED_AT);
  versionId = 'a'.repeat(32);
  /** The pending version. */
  pendingId: string | undefined;
  tries = 0;
  /** What the other region returns; undefined: it does not answer. */
  seen: string | undefined = 'a'.repeat(32);
  requests = 0;
  readonly moves = new Map<string, KekMoveRecord>();
  readonly moveTable = new MemoryTable(this.moves);
  homes: KekHomes = { home: 'vault' };
  /** Called at each request of a rotation. */
  onRequest: () => Promise<void> = () => Promise.resolve();

  grow(count: number): void {
    for (let made = 0; made < count; made += 1) {
      this.record = nextKekSecret(this.record, this.versionId, undefined, CREATED_AT, testRandomness);
    }
  }

  /** @param isDriven whether Keyward drives the rotation */
  operations(
    { clock, metrics, audit }: Pick<World, 'clock' | 'metrics' | 'audit'>,
    { isDriven = true, moves: guard }: { readonly isDriven?: boolean; readonly moves?: KekMoveGuard } = {},
  ) {
    const moves = kekMoveStore(this.moveTable);
    const trail = new AuditTrail({ sink: audit, clock, randomness: testRandomness, metrics, region: 'us-east-1' });
    const reporter = new MemoryHomeReporter('us-east-1', async () => homeInForce(await moves.read(), this.homes));
    const logger = new RecordingLogger();
    const shared = { store: moves, reporters: [reporter], trail, clock, randomness: testRandomness, logger };
    const moving = () => ({ homes: this.homes, ...shared });
    const moveKek = createMoveKek({
      begin: (...given) => createBeginKekMove(moving())(...given),
      advance: async () => ({ move: await moves.read(), waitingFor: [] }),
      finish: (...given) => createFinishKekMove(moving())(...given),
      abort: (...given) => createAbortKekMove(moving())(...given),
      trail,
    });
    const operations = createKekOperations({
      source: 'vault',
      place: 'secret/keyward/kek',
      secret: {
        region: 'us-east-1',
        current: () => Promise.resolve({ versionId: this.versionId, value: serializeKekSecret(this.record) }),
        versions: () =>
          Promise.resolve([
            { versionId: this.versionId, stages: ['AWSCURRENT'] },
            ...(this.pendingId === undefined ? [] : [{ versionId: this.pendingId, stages: ['AWSPENDING'] }]),
          ]),
      },
      ...(isDriven && { pending: { tries: (id) => Promise.resolve(id === this.pendingId ? this.tries : undefined) } }),
      others: [
        {
          region: 'eu-west-1',
          current: () =>
            this.seen === undefined
              ? Promise.reject(new Error('no answer'))
              : Promise.resolve({ versionId: this.seen }),
        },
      ],
      newestMove: moves,
      ...(guard && { moves: guard }),
      intervalDays: 90,
      clock,
      rotation: {
        start: async () => {
          this.requests += 1;
          await this.onRequest();
        },
      },
      trail,
      randomness: testRandomness,
    });
    return { ...operations, moveKek };
  }
}
