import type { CredentialMetadata } from '../credentials/credential';
import type { Destruction, DekVersionState, RotationPolicy, RunningRotation } from '../keysets/keyset-record';
import type { EncryptionContext } from '../crypto/encryption-context';
import type { AuditPage, AuditQuery } from '../audit/ports/audit-log';
import type { Caller } from '../audit/caller';
import type { RotationOperations } from '../dek-rotation/create-rotations';
import type { VersionDestructionView } from '../dek-rotation/describe-version';
import type { VersionCallersView } from '../audit/version-callers';

/** What the API shows of a stored credential: everything but the key. */
export interface CredentialView {
  readonly provider: string;
  readonly name: string;
  readonly hint: string;
  readonly key_version: number;
  readonly revision: number;
  readonly metadata: CredentialMetadata;
  readonly created_at: string;
  readonly updated_at: string;
}

/** What the API shows of a version of a DEK: no key material. Times are ISO 8601 in UTC, each there once it is set. */
export interface KeyVersionView {
  readonly version: number;
  readonly state: DekVersionState;
  readonly created_at: string;
  readonly promoted_at?: string;
  readonly superseded_at?: string;
  readonly grace_until?: string;
  readonly retired_at?: string;
  readonly unreferenced_since?: string;
  readonly destruction?: Destruction;
  readonly destroyed_at?: string;
}

/** What the API shows of a keyset: no key material, wrapped or not. */
export interface KeysetView {
  readonly provider: string;
  readonly revision: number;
  readonly kek_id: string;
  readonly primary_version: number;
  /** Ascending. */
  readonly versions: readonly KeyVersionView[];
  readonly dek_created_at: string;
  readonly dek_rotation_count: number;
  readonly rotation_policy: RotationPolicy;
  /** The one that is running, if any. */
  readonly rotation?: {
    readonly rotation_id: string;
    readonly phase: RunningRotation['phase'];
    readonly version: number;
  };
}

interface TokenCommand {
  readonly provider: string;
  readonly ciphertext: string;
  readonly context: EncryptionContext;
}

export interface SealedReply {
  readonly ciphertext: string;
  readonly provider: string;
  readonly key_version: number;
}

interface OpenedReply {
  readonly plaintext: string;
  readonly provider: string;
  readonly key_version: number;
  /** The token is not under the primary version: `/rewrap` it before its version is retired. */
  readonly rewrap_recommended: boolean;
}

/**
 * What a change demands of what is there when it is made: anything at all (`If-Match: *`) or one of these revisions
 * (`If-Match`); nothing (`If-None-Match: *`) or none of these revisions (`If-None-Match`). RFC 9110 section 13.1.
 */
export type Precondition =
  'exists' | 'absent' | { readonly one_of: readonly number[] } | { readonly none_of: readonly number[] };

/** A keyset whose record is none that Keyward wrote. */
export interface DamagedKeyset {
  readonly provider: string;
  readonly damaged: true;
}

/** The use cases by the functions that serve them. Each throws KeywardError and nothing else on purpose. */
export interface Application {
  readonly encrypt: (
    caller: Caller,
    command: { provider: string; plaintext: string; context: EncryptionContext },
  ) => Promise<SealedReply>;
  readonly decrypt: (caller: Caller, command: TokenCommand) => Promise<OpenedReply>;
  readonly rewrap: (caller: Caller, command: TokenCommand) => Promise<SealedReply>;

  readonly putCredential: (
    caller: Caller,
    command: {
      provider: string;
      name: string;
      api_key: string;
      metadata: CredentialMetadata;
      precondition?: Precondition;
    },
  ) => Promise<{ credential: CredentialView; created: boolean }>;
  readonly describeCredential: (query: {
    provider: string;
    name: string;
    consistent: boolean;
  }) => Promise<CredentialView>;
  /** `next` is the name to continue after; missing at the end. */
  readonly listCredentials: (query: {
    provider: string;
    after?: string;
    limit: number;
    consistent: boolean;
  }) => Promise<{ credentials: readonly CredentialView[]; damaged?: readonly string[]; next?: string }>;
  readonly revealCredential: (
    caller: Caller,
    query: { provider: string; name: string; consistent: boolean },
  ) => Promise<CredentialView & { readonly api_key: string }>;
  readonly deleteCredential: (
    caller: Caller,
    command: { provider: string; name: string; precondition?: Precondition },
  ) => Promise<void>;

  readonly listKeysets: () => Promise<readonly (KeysetView | DamagedKeyset)[]>;
  readonly describeKeyset: (provider: string) => Promise<KeysetView>;
  readonly queryAuditEvents: (query: AuditQuery) => Promise<AuditPage>;
  readonly listVersionCallers: (query: {
    provider: string;
    version: number;
    from?: string;
  }) => Promise<VersionCallersView>;

  readonly checkReadiness: () => Promise<Readiness>;
}

/** What operators do with a provider's DEK, by the function that serves it. */
export interface RotationsApplication extends RotationOperations {
  readonly describeVersion: (query: { provider: string; version: number }) => Promise<VersionDestructionView>;
}

/** Whether each provider's primary key opens what it seals, and whether the audit log answers. */
export interface Readiness {
  readonly ready: boolean;
  readonly providers: readonly { readonly provider: string; readonly ready: boolean; readonly code?: string }[];
  readonly audit: boolean;
  /** Of this process, since it started. */
  readonly dek_cache: { readonly hits: number; readonly misses: number };
}
