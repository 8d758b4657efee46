import { AuditTrail } from '../audit/audit-trail';
import type { AuditReader, AuditSink } from '../audit/ports/audit-log';
import { createDescribeAuditEvent, createQueryAuditEvents } from '../audit/read-audit-log';
import { createRecordEvidence } from '../audit/record-evidence';
import { createListVersionCallers } from '../audit/version-callers';
import type { CredentialSources } from '../credentials/credential-view';
import { createDeleteCredential } from '../credentials/delete-credential';
import { createPatchMetadata } from '../credentials/patch-metadata';
import { createPurgePrevious } from '../credentials/purge-previous';
import { createPutCredential } from '../credentials/put-credential';
import {
  createDescribeCredential,
  createDescribePrevious,
  createListCredentials,
  createListDeleted,
} from '../credentials/read-credentials';
import { createRestoreCredential } from '../credentials/restore-credential';
import { createRevealCredential } from '../credentials/reveal-credential';
import { createCheckReadiness } from '../health/check-readiness';
import { createKeysetAccess, type KeysetPorts } from '../keysets/create-keyset-access';
import type { KeysetReader } from '../keysets/ports/keyset-store';
import { createDescribeKeyset, createListKeysets } from '../keysets/show-keysets';
import type { Clock } from '../ports/clock';
import { createDecrypt } from '../tokens/decrypt';
import { createEncrypt } from '../tokens/encrypt';
import { createRewrap } from '../tokens/rewrap';
import { createListCheckpoints } from '../transparency/list-checkpoints';
import { createListLogObjects } from '../transparency/list-log-objects';
import { NO_LOGS, type LogPorts } from '../transparency/log-ports';
import { createProveEvent } from '../transparency/prove-event';
import { createReadLogObject } from '../transparency/read-log-object';
import { createRequestPublication } from '../transparency/request-publication';

export interface SealingPorts extends KeysetPorts {
  /** The region in which this process writes its audit events. */
  readonly region: string;
  readonly auditSink: AuditSink;
}

/** Every port of the application. */
export interface ApplicationDependencies extends SealingPorts {
  readonly providers: readonly string[];
  readonly keysetsToShow: KeysetReader;
  readonly credentials: CredentialSources;
  /** Days that a previous value is kept. */
  readonly previousValueDays: number;
  readonly auditReader: AuditReader;
  /** Left out: no log is published. */
  readonly log?: LogPorts;
}

/** Parts that sealing and opening share: keysets with their caches, and the audit log. */
export type SealingParts = ReturnType<typeof createSealing>;

export function createSealing(ports: SealingPorts) {
  const { clock, randomness, metrics, region, auditSink: sink } = ports;
  const trail = new AuditTrail({ sink, clock, randomness, metrics, region });
  return { ...createKeysetAccess(ports), trail, clock, randomness, metrics };
}

/*
 * The use cases by the function that serves them, so that a bundle leaves out those of other functions.
 */

export const encryptUseCases = (deps: SealingParts) => ({ encrypt: createEncrypt(deps) });

export const decryptUseCases = (deps: SealingParts) => ({ decrypt: createDecrypt(deps) });

export const rewrapUseCases = (deps: SealingParts) => ({ rewrap: createRewrap(deps) });

export function credentialUseCases(
  deps: SealingParts,
  { credentials, previousValueDays }: Pick<ApplicationDependencies, 'credentials' | 'previousValueDays'>,
) {
  const writing = { ...deps, credentials: credentials.home, previousValueDays };
  const reading = { ...deps, credentials, previousValueDays };
  return {
    putCredential: createPutCredential(writing),
    patchMetadata: createPatchMetadata(writing),
    deleteCredential: createDeleteCredential(writing),
    restoreCredential: createRestoreCredential(writing),
    purgePrevious: createPurgePrevious(writing),
    describeCredential: createDescribeCredential(reading),
    describePrevious: createDescribePrevious(reading),
    listCredentials: createListCredentials(reading),
    listDeletedCredentials: createListDeleted(reading),
    revealCredential: createRevealCredential(reading),
  };
}

export const keysetUseCases = (deps: { readonly keysets: KeysetReader; readonly providers: readonly string[] }) => ({
  listKeysets: createListKeysets(deps),
  describeKeyset: createDescribeKeyset(deps),
});

export const auditUseCases = (deps: {
  readonly keysets: KeysetReader;
  readonly audit: AuditReader;
  readonly trail: AuditTrail;
  readonly clock: Clock;
}) => ({
  queryAuditEvents: createQueryAuditEvents(deps),
  describeAuditEvent: createDescribeAuditEvent(deps),
  recordEvidence: createRecordEvidence(deps),
  listVersionCallers: createListVersionCallers(deps),
});

export const logUseCases = (
  ports: LogPorts,
  deps: { readonly audit: Pick<AuditReader, 'get'>; readonly trail: AuditTrail; readonly region: string },
) => ({
  listCheckpoints: createListCheckpoints({ ...ports, ...deps }),
  proveEvent: createProveEvent({ ...ports, ...deps }),
  readLogObject: createReadLogObject({ ...ports, ...deps }),
  listLogObjects: createListLogObjects({ ...ports, ...deps }),
  requestPublication: createRequestPublication({ ...ports, ...deps }),
});

export const readinessUseCases = (
  deps: SealingParts,
  { audit, providers }: { readonly audit: AuditReader; readonly providers: readonly string[] },
) => ({ checkReadiness: createCheckReadiness({ ...deps, audit, providers }) });

/** Makes all use cases over one set of ports and caches, for a process that does everything. Makes no outside call. */
export function createApplication(ports: ApplicationDependencies) {
  const { providers, clock, region, keysetsToShow: keysets, auditReader: audit, log = NO_LOGS } = ports;
  const sealing = createSealing(ports);
  return {
    ...encryptUseCases(sealing),
    ...decryptUseCases(sealing),
    ...rewrapUseCases(sealing),
    ...credentialUseCases(sealing, ports),
    ...keysetUseCases({ keysets, providers }),
    ...auditUseCases({ keysets, audit, trail: sealing.trail, clock }),
    ...logUseCases(log, { audit, trail: sealing.trail, region }),
    ...readinessUseCases(sealing, { audit, providers }),
  };
}

/** The use cases of all areas but DEK rotation. Each throws KeywardError alone, apart from defects. */
export type Application = ReturnType<typeof createApplication>;
