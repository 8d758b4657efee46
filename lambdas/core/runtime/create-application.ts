import type { Randomness } from '../crypto/randomness';
import type { AuditQuery, AuditReader, AuditSink } from '../audit/ports/audit-log';
import type { Clock } from '../ports/clock';
import type { KeysetReader } from '../keysets/ports/keyset-store';
import type { Metrics } from '../ports/metrics';
import type { SealingGuard } from '../keysets/ports/sealing-guard';
import type { SecretsProvider } from '../keysets/ports/secrets-provider';
import { AuditTrail } from '../audit/audit-trail';
import { createCheckReadiness } from '../health/check-readiness';
import type { CredentialSources } from '../credentials/credential-view';
import { createDecrypt } from '../tokens/decrypt';
import { DEFAULT_MAX_CACHED_DEKS, DekCache } from '../keysets/dek-cache';
import { createDeleteCredential } from '../credentials/delete-credential';
import { createEncrypt } from '../tokens/encrypt';
import { guardSealing } from '../keysets/keyset-access';
import { KeysetDirectory, type KeysetSources } from '../keysets/keyset-directory';
import { createPutCredential } from '../credentials/put-credential';
import { createDescribeCredential, createListCredentials } from '../credentials/read-credentials';
import { createRevealCredential } from '../credentials/reveal-credential';
import { createRewrap } from '../tokens/rewrap';
import { createDescribeKeyset, createListKeysets } from '../keysets/show-keysets';
import { createListVersionCallers } from '../audit/version-callers';

/** The outside of the application: every port, resolved. */
export interface ApplicationDependencies {
  readonly region: string;
  readonly providers: readonly string[];
  readonly keysets: KeysetSources;
  readonly keysetsToShow: KeysetReader;
  readonly credentials: CredentialSources;
  readonly auditSink: AuditSink;
  readonly auditReader: AuditReader;
  readonly secrets: SecretsProvider;
  /** Left out where nothing ever stops sealing. */
  readonly sealing?: SealingGuard;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly metrics: Metrics;
}

/** All use cases over one set of ports and caches. Does nothing until one is called. */
export function createApplication(ports: ApplicationDependencies) {
  const { clock, randomness, metrics, providers, region } = ports;
  const deks = new DekCache(clock, metrics, DEFAULT_MAX_CACHED_DEKS);
  const directory = new KeysetDirectory({
    sources: ports.keysets,
    secrets: ports.secrets,
    deks,
    clock,
    randomness,
    metrics,
  });
  const keysets = guardSealing(directory, ports.sealing);
  const trail = new AuditTrail({ sink: ports.auditSink, clock, randomness, metrics, region });
  const shared = { keysets, trail, clock, randomness, metrics };
  const writing = { ...shared, credentials: ports.credentials.home };
  const reading = { ...shared, credentials: ports.credentials };
  return {
    encrypt: createEncrypt(shared),
    decrypt: createDecrypt(shared),
    rewrap: createRewrap(shared),
    putCredential: createPutCredential(writing),
    deleteCredential: createDeleteCredential(writing),
    describeCredential: createDescribeCredential(reading),
    listCredentials: createListCredentials(reading),
    revealCredential: createRevealCredential(reading),
    listKeysets: createListKeysets({ keysets: ports.keysetsToShow, providers }),
    describeKeyset: createDescribeKeyset({ keysets: ports.keysetsToShow }),
    queryAuditEvents: (query: AuditQuery) => ports.auditReader.query(query),
    listVersionCallers: createListVersionCallers({ keysets: ports.keysetsToShow, audit: ports.auditReader, clock }),
    checkReadiness: createCheckReadiness({ keysets, trail, audit: ports.auditReader, deks, randomness, providers }),
  };
}
