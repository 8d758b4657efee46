import { AuditTrail } from '../lambdas/core/audit/audit-trail';
import type { KekHome, KekHomes } from '../lambdas/core/contract/kek-homes';
import type { RegionProver } from '../lambdas/core/dek-rotation/ports/region-prover';
import type { KekUpkeep } from '../lambdas/core/dek-rotation/sweep';
import { createAdvanceKekMove } from '../lambdas/core/kek-move/advance-kek-move';
import { createBeginKekMove } from '../lambdas/core/kek-move/begin-kek-move';
import { createAbortKekMove, createFinishKekMove } from '../lambdas/core/kek-move/end-kek-move';
import { createKekMoveGuard, type KekMoveGuard } from '../lambdas/core/kek-move/kek-move-guard';
import { createMoveKek, type MoveKek } from '../lambdas/core/kek-move/move-kek';
import { guardOfHomeInForce, ofHomeInForce } from '../lambdas/core/kek-move/of-home-in-force';
import type { KekMoveStore } from '../lambdas/core/kek-move/ports/kek-move-store';
import { createKekOperations } from '../lambdas/core/kek-rotation/create-kek-operations';
import { BackgroundKekRotation } from './background-kek-rotation';
import type { OpenedKekHomes } from './kek-homes';
import type { LocalKek } from './local-kek';
import { rotateKekInProcess, type RotateKekInProcessOptions } from './rotate-kek-in-process';

export interface KeepKekHomesOptions extends Omit<RotateKekInProcessOptions, 'store' | 'replicas' | 'moves' | 'check'> {
  readonly homes: KekHomes;
  readonly opened: OpenedKekHomes;
  readonly moves: KekMoveStore;
  readonly prover: RegionProver;
  /** See `KekMoverDependencies`. */
  readonly settleMs: number;
}

/** Rotations of the KEK in the home that is in force, and its moves, in one process. Each call asks which home that is. */
export interface KeptKekHomes {
  /** For the sweep. */
  readonly upkeep: KekUpkeep;
  readonly guard: KekMoveGuard;
  /** The operators' calls. */
  readonly operations: ReturnType<typeof createKekOperations> & { readonly moveKek: MoveKek };
  /** Resolves when no requested rotation is running. */
  readonly close: () => Promise<void>;
}

export function keepKekHomes(options: KeepKekHomesOptions): KeptKekHomes {
  const { homes, opened, moves: store, region, intervalDays } = options;
  const trail = new AuditTrail({ ...options, sink: options.auditSink });
  const kept = new Map(
    Object.entries(opened.byHome).map(([name, each]) => {
      const home = name as KekHome;
      return [home, keepHome(options, trail, home, each)] as const;
    }),
  );
  const inForce = ofHomeInForce({ moves: store, homes }, kept);
  const guard = guardOfHomeInForce(async () => (await inForce()).guard);
  const moving = { ...options, store, trail, reporters: [{ region, home: opened.reads }], provers: [options.prover] };
  const stores = Object.fromEntries(Object.entries(opened.byHome).map(([home, each]) => [home, each.store]));
  const advance = createAdvanceKekMove({ ...moving, stores });
  return {
    guard,
    upkeep: {
      secret: { region, current: async () => (await inForce()).upkeep.secret.current() },
      rotation: { start: async () => (await inForce()).upkeep.rotation.start() },
      rewrapDeks: async (request) => (await inForce()).upkeep.rewrapDeks(request),
      resume: async () => (await inForce()).upkeep.rotation.resume(),
      moves: guard,
      advanceMove: advance,
      intervalDays,
    },
    operations: {
      describeKek: async () => (await inForce()).operations.describeKek(),
      requestKekRotation: async (caller) => (await inForce()).operations.requestKekRotation(caller),
      moveKek: createMoveKek({
        begin: createBeginKekMove(moving),
        advance,
        finish: createFinishKekMove(moving),
        abort: createAbortKekMove(moving),
        trail,
      }),
    },
    close: async () => {
      await Promise.all([...kept.values()].map(({ requested }) => requested.close()));
    },
  };
}

function keepHome(options: KeepKekHomesOptions, trail: AuditTrail, home: KekHome, opened: LocalKek) {
  const { homes, moves, intervalDays } = options;
  const { store, replicas, place, away } = opened;
  const guard = createKekMoveGuard({ moves, homes, home });
  const check = away === undefined ? {} : { check: away.check };
  const upkeep = rotateKekInProcess({ ...options, store, replicas, moves: guard, ...check });
  const requested = new BackgroundKekRotation({ driver: upkeep.rotation, logger: options.logger });
  const operations = createKekOperations({
    ...options,
    ...place,
    secret: store,
    pending: store,
    others: replicas.slice(1),
    intervalDays,
    rotation: requested,
    newestMove: moves,
    moves: guard,
    trail,
  });
  return { guard, upkeep, requested, operations };
}
