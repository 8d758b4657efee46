import { AWSCURRENT, AWSPENDING } from '../doubles/secrets-manager/secret';
import type { Rotation } from '../doubles/secrets-manager/rotation';
import type { ProofChallenge } from '../../lambdas/core/dek-rotation/dek-proof';
import type { RewrapRequest } from '../../lambdas/core/kek-rotation/ports/rewrap-queue';
import type { DekRotationMessage } from '../../lambdas/core/dek-rotation/ports/dek-rotation-queue';
import type { KekRotationStep } from '../../lambdas/core/kek-rotation/rotate-kek';
import { createPorts, type Role, type ProcessPorts } from './process-ports';
import { HOME, REGIONS } from './regions';
import {
  apiParts,
  bootstrapParts,
  proverParts,
  rewrapParts,
  rotateKekParts,
  dekRotationParts,
  workerParts,
  type DekRotationParts,
} from './role-parts';
import { SECRET } from './simulated-kek-secret';
import type { SimulatedProcess, WorkResult } from './simulated-process';
import type { World } from './world';

/** A deployed function: one process, which is composed anew after each stop. */
export class DeployedFunction<T> {
  private parts: T | undefined;

  constructor(
    readonly process: SimulatedProcess,
    private readonly compose: () => T,
  ) {
    process.onCrash.push(() => {
      this.parts = undefined;
    });
  }

  /** Runs a use case of this function in its process. Never rejects. */
  run<R>(work: (parts: T) => Promise<R>): Promise<WorkResult<R>> {
    return this.process.run(() => work((this.parts ??= this.compose())));
  }
}

const STEPS: readonly KekRotationStep[] = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'];
/** How long Secrets Manager waits before it repeats the steps of a failed rotation. */
const REATTEMPT_MS = 120_000;
const WORKERS = 2;

/** All functions of a deployment, invoked as in AWS. */
export class Functions {
  readonly api: ReadonlyMap<string, DeployedFunction<ReturnType<typeof apiParts>>>;
  /** The functions that operators call, in the home region and in another one. */
  readonly rotations: readonly DeployedFunction<DekRotationParts>[];
  readonly bootstrap: DeployedFunction<ReturnType<typeof bootstrapParts>>;
  readonly workers: readonly DeployedFunction<ReturnType<typeof workerParts>>[];
  readonly sweep: DeployedFunction<DekRotationParts>;
  private readonly provers: ReadonlyMap<string, DeployedFunction<ReturnType<typeof proverParts>>>;
  private readonly rotateKek: DeployedFunction<ReturnType<typeof rotateKekParts>>;
  private readonly rewrapDeks: DeployedFunction<ReturnType<typeof rewrapParts>>;
  private nextWorker = 0;

  constructor(private readonly world: World) {
    const deploy = <T>(name: string, region: string, role: Role, compose: (ports: ProcessPorts) => T) => {
      const process = world.process(name, region);
      return new DeployedFunction(process, () => compose(this.portsOf(process, role)));
    };
    const inEachRegion = <T>(make: (region: string) => T): ReadonlyMap<string, T> =>
      new Map(REGIONS.map((region) => [region, make(region)]));
    this.api = inEachRegion((region) =>
      deploy(`api ${region}`, region, 'api', (ports) => apiParts(ports, world.configured)),
    );
    this.provers = inEachRegion((region) => deploy(`prover ${region}`, region, 'prover', proverParts));
    this.rotations = [HOME, REGIONS[1]!].map((region) =>
      deploy(`rotations ${region}`, region, 'rotations', (ports) => dekRotationParts(ports, world.configured)),
    );
    this.workers = Array.from({ length: WORKERS }, (_, index) =>
      deploy(`worker ${index + 1}`, HOME, 'worker', (ports) => workerParts(ports, world.configured)),
    );
    this.sweep = deploy('sweep', HOME, 'sweep', (ports) => dekRotationParts(ports, world.configured));
    this.bootstrap = deploy('bootstrap', HOME, 'bootstrap', (ports) => bootstrapParts(ports, world.configured));
    this.rotateKek = deploy('rotate-kek', HOME, 'rotate-kek', rotateKekParts);
    this.rewrapDeks = deploy('rewrap-deks', HOME, 'rewrap-deks', rewrapParts);
    world.dekRotationQueue.consume = (message) => this.work(message);
    world.rewrapQueue.consume = (message) => this.rewrap(message);
    world.kekSecret.onRotation = (rotation) => void this.rotate(rotation);
    world.options.mutant?.world?.(world);
  }

  prove(region: string, challenge: ProofChallenge): Promise<WorkResult<string>> {
    return this.provers.get(region)!.run((prove) => prove(challenge));
  }

  /** Serves one message of the rotation queue, as the worker's handler does. */
  private async work(message: DekRotationMessage): Promise<boolean> {
    const worker = this.workers[(this.nextWorker += 1) % this.workers.length]!;
    const result = await worker.run(({ serve }) => serve(message));
    this.note(`worker on ${message.kind} ${message.provider}`, result);
    return result.kind === 'answered';
  }

  private async rewrap(message: RewrapRequest): Promise<boolean> {
    const result = await this.rewrapDeks.run((rewrap) => rewrap(message));
    this.note('rewrap', result);
    return result.kind === 'answered' && result.value === 'done';
  }

  /** A rotation of Secrets Manager: the four steps, all repeated after a failed one. */
  private async rotate(rotation: Rotation): Promise<void> {
    const { scheduler, violations } = this.world;
    for (;;) {
      if (await this.runSteps(rotation.token)) {
        rotation.ended(true);
        return;
      }
      if (!this.mayGoOn(rotation.token) || violations.hasAny()) {
        rotation.ended(false);
        return;
      }
      await scheduler.sleep(REATTEMPT_MS);
    }
  }

  private async runSteps(token: string): Promise<boolean> {
    for (const step of STEPS) {
      const result = await this.rotateKek.run((rotateKek) => rotateKek.run(step, token));
      this.note(`rotate-kek ${step}`, result);
      if (result.kind !== 'answered') return false;
    }
    return true;
  }

  /** A rotation ends when its version loses its label. */
  private mayGoOn(token: string): boolean {
    const { VersionIdsToStages } = this.world.kekSecret.service.call('DescribeSecret', HOME, { SecretId: SECRET });
    const stages = (VersionIdsToStages as Record<string, string[]>)[token] ?? [];
    return stages.includes(AWSPENDING) || stages.includes(AWSCURRENT);
  }

  private portsOf(process: SimulatedProcess, role: Role): ProcessPorts {
    const ports = createPorts(this.world, process, role);
    return this.world.options.mutant?.ports?.(ports, this.world) ?? ports;
  }

  note(what: string, result: WorkResult<unknown>): void {
    const { trace } = this.world;
    if (result.kind === 'answered') trace.note(`${what}: done`);
    else if (result.kind === 'crashed') trace.note(`${what}: crashed`);
    else
      trace.note(
        `${what}: ${result.error instanceof Error ? `${result.error.name} ${result.error.message}` : 'threw'}`,
      );
  }
}
