import type { Randomness } from '../domain/randomness';
import type { AuditReader, AuditSink } from '../ports/audit-log';
import type { Clock } from '../ports/clock';
import type { KeysetReader } from '../ports/keyset-store';
import type { Metrics } from '../ports/metrics';
import type { SealingGuard } from '../ports/sealing-guard';
import type { SecretsProvider } from '../ports/secrets-provider';
import type { Application } from './application';
import { AuditTrail } from './audit-trail';
import { createCheckReadiness } from './check-readiness';
import type { CredentialSources } from './credential-view';
import { createDecrypt } from './decrypt';
import { DEFAULT_MAX_CACHED_DEKS, DekCache } from './dek-cache';
import { createDeleteCredential } from './delete-credential';
import { createEncrypt } from './encrypt';
import { guardSealing } from './keyset-access';
import { KeysetDirectory, type KeysetSources } from './keyset-directory';
import { createPutCredential } from './put-credential';
import { createDescribeCredential, createListCredentials } from './read-credentials';
import { createRevealCredential } from './reveal-credential';
import { createRewrap } from './rewrap';
import { createDescribeKeyset, createListKeysets } from './show-keysets';
import { createListVersionCallers } from './version-callers';

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
export function createApplication(ports: ApplicationDependencies): Application {
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
    queryAuditEvents: (query) => ports.auditReader.query(query),
    listVersionCallers: createListVersionCallers({ keysets: ports.keysetsToShow, audit: ports.auditReader, clock }),
    checkReadiness: createCheckReadiness({ keysets, trail, audit: ports.auditReader, deks, randomness, providers }),
  };
}
