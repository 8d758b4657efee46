import type { JsonValue } from '../../../lambdas/core/crypto/canonical-json';
import type { AuditEvent } from '../../../lambdas/core/audit/audit-event';
import type {
  CredentialMetadata,
  CredentialRecord,
  CredentialTombstone,
  DamagedPreviousValue,
  PreviousValue,
} from '../../../lambdas/core/credentials/credential';
import type { Precondition } from '../../../lambdas/core/ports/precondition';
import { DekRotationWorld } from '../../doubles/dek-rotation-world';
import { caller } from '../../doubles/world';

export const DAY_MS = 86_400_000;

interface Condition {
  readonly precondition?: Precondition;
}

/** One stored credential, all operations on it, and its present state. */
export class UndoWorld extends DekRotationWorld {
  readonly place = { provider: 'openai', name: 'default' };

  /** @param days how long previous values are kept */
  constructor(days = 30) {
    super();
    this.keepFor(days);
  }

  /** A new process that keeps previous values for this many days. */
  keepFor(days: number): void {
    this.previousValueDays = days;
    this.restart();
  }

  put(apiKey: string, metadata?: CredentialMetadata, condition: Condition = {}) {
    const command = { ...this.place, api_key: apiKey, ...(metadata && { metadata }), ...condition };
    return this.application.putCredential(caller, command);
  }
  patch(patch: Readonly<Record<string, JsonValue>>, condition: Condition = {}) {
    return this.application.patchMetadata(caller, { ...this.place, patch, ...condition });
  }
  remove(more: Condition & { readonly purge?: boolean } = {}) {
    return this.application.deleteCredential(caller, { ...this.place, ...more });
  }
  restore(revision: number, condition: Condition = {}) {
    return this.application.restoreCredential(caller, { ...this.place, revision, ...condition });
  }
  purge(condition: Condition = {}) {
    return this.application.purgePrevious(caller, { ...this.place, ...condition });
  }
  describe() {
    return this.application.describeCredential({ ...this.place, consistent: true });
  }
  describePrevious() {
    return this.application.describePrevious({ ...this.place, consistent: true });
  }
  async reveal(): Promise<string> {
    return (await this.application.revealCredential(caller, { ...this.place, consistent: true })).api_key;
  }
  listDeleted() {
    return this.application.listDeletedCredentials({ provider: 'openai', limit: 10, consistent: true });
  }

  private get key(): string {
    return `${this.place.provider}/${this.place.name}`;
  }
  get row(): CredentialRecord | CredentialTombstone {
    return this.credentials.rows.get(this.key) as CredentialRecord | CredentialTombstone;
  }
  get live(): CredentialRecord {
    return this.row as CredentialRecord;
  }
  get previous(): PreviousValue {
    return this.row.previous as PreviousValue;
  }
  /** Edits the row in the table. */
  edit(change: Partial<CredentialRecord>): void {
    this.credentials.rows.set(this.key, { ...this.row, ...change });
  }
  editPrevious(change: Partial<PreviousValue>): void {
    this.edit({ previous: { ...this.previous, ...change } });
  }
  breakPrevious(): void {
    const damaged: DamagedPreviousValue = { damaged: true, key_version: 1, stored: { key_version: 1 } };
    this.edit({ previous: damaged });
  }

  /** The member about the previous value in the last recorded change. */
  noted(): readonly unknown[] {
    const { previous_value, previous_revision, restored_revision } = this.lastEvent.metadata;
    return [previous_value, previous_revision, restored_revision];
  }
  get lastEvent(): AuditEvent {
    return this.audit.events.at(-1)!;
  }

  /** Moves the whole provider to a new key, as a rotation does. */
  async rekey(): Promise<void> {
    await this.rotate({ emergency: true });
    await this.deliver();
    this.restart();
  }
}
