import { replicaOf, type Secret } from './secret';

/** The lag of replicas in milliseconds of the double's clock; Infinity holds a region back until it is released. */
interface Link {
  readonly region: string;
  /** The later states of the replica, in order. */
  pending: { readonly dueAt: number; readonly state: Secret; readonly movedLabel: boolean }[];
  stuck: boolean;
}

export type ReplicationStatus = 'InSync' | 'InProgress';

/**
 * Replication of secrets from the region that made them: "the new secret value propagates to all of the associated
 * replica secrets" (https://docs.aws.amazon.com/secretsmanager/latest/userguide/replicate-secrets.html). No bound on
 * the time is documented, so a test sets it.
 */
export class Replication {
  private readonly links = new Map<Secret, Link[]>();
  private readonly lagMs = new Map<string, number>();

  constructor(
    private readonly now: () => number,
    private readonly install: (region: string, replica: Secret) => void,
  ) {}

  setLag(region: string, ms: number): void {
    this.lagMs.set(region, ms);
  }

  /** Delivers everything that a region waits for, and frees a stuck region. */
  release(region: string): void {
    for (const link of this.linksTo(region)) {
      link.stuck = false;
      this.apply(link, Infinity);
    }
  }

  addReplica(primary: Secret, primaryRegion: string, region: string): void {
    const links = this.links.get(primary) ?? [];
    this.links.set(primary, [...links, { region, pending: [], stuck: false }]);
    this.primaryChanged(primary, primaryRegion, false);
  }

  hasReplica(primary: Secret, region: string): boolean {
    return this.links.get(primary)?.some((link) => link.region === region) ?? false;
  }

  /**
   * Sends a primary's new state to its replicas. A label that moves while an earlier move is still on its way leaves the
   * replica stuck: "a race condition between the two UpdateSecretVersionStage calls in FinishSecret"
   * (https://github.com/square/password-rotation-lambda/pull/12). There it can happen; here it always does.
   */
  primaryChanged(primary: Secret, primaryRegion: string, movedLabel: boolean): void {
    for (const link of this.links.get(primary) ?? []) {
      this.arrive(link);
      if (movedLabel && link.pending.some((change) => change.movedLabel)) link.stuck = true;
      const arn = primary.arn.replace(`:${primaryRegion}:`, `:${link.region}:`);
      const dueAt = this.now() + (this.lagMs.get(link.region) ?? 0);
      link.pending.push({ dueAt, state: replicaOf(primary, primaryRegion, arn), movedLabel });
      this.arrive(link);
    }
  }

  /** Applies the changes to the region's replicas that are due by the clock. Called before a region is read. */
  arriveIn(region: string): void {
    for (const link of this.linksTo(region)) this.arrive(link);
  }

  statusOf(primary: Secret): { Region: string; Status: ReplicationStatus }[] {
    return (this.links.get(primary) ?? []).map((link) => {
      this.arrive(link);
      return { Region: link.region, Status: link.pending.length === 0 ? 'InSync' : 'InProgress' };
    });
  }

  private linksTo(region: string): Link[] {
    return [...this.links.values()].flat().filter((link) => link.region === region);
  }

  private arrive(link: Link): void {
    if (!link.stuck) this.apply(link, this.now());
  }

  private apply(link: Link, until: number): void {
    const arrived = link.pending.filter((change) => change.dueAt <= until);
    link.pending = link.pending.filter((change) => change.dueAt > until);
    const last = arrived.at(-1);
    if (last !== undefined) this.install(link.region, last.state);
  }
}
