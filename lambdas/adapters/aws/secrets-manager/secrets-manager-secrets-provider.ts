import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { CURRENT } from '../../../core/contract/secret-stages';
import { KEK_REGION_TIMEOUT_MS } from '../../../core/contract/protocol-times';
import { errorNameOf } from '../../../core/errors/error-names';
import { KeywardError } from '../../../core/errors/errors';
import { parseKekSecret, type KekKeyset } from '../../../core/crypto/kek-keyset';
import type { Clock } from '../../../core/ports/clock';
import type { Logger } from '../../../core/ports/logger';
import type { Metrics } from '../../../core/ports/metrics';
import { KekCopy, type KekCopyTimes, type KekReadFailure, type KekReadReason } from '../../../core/keysets/kek-copy';
import type { SecretsProvider } from '../../../core/keysets/ports/secrets-provider';
import { isNamed, reportFailure, unusableAnswer } from '../observability/name-failures';

/** One region's Secrets Manager. */
export interface KekRegion {
  readonly region: string;
  readonly client: SecretsManagerClient;
}

/** Times are in milliseconds. */
export interface SecretsManagerSecretsProviderConfig extends KekCopyTimes {
  /** The secret's name, which is the same in every region; an ARN would name one region alone. */
  readonly secretId: string;
  /** In the order in which they are read: this region, home, the others. */
  readonly regions: readonly KekRegion[];
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly logger: Logger;
  /** Timeout of one region, retries included. Default 1.5 seconds. */
  readonly regionTimeoutMs?: number;
}

/**
 * Reads the KEK keyset from AWS Secrets Manager: the version AWSCURRENT, from the first region that returns a usable one, cached
 * in memory. Never logs or returns in an error the secret's value or the SDK's message about it.
 */
export class SecretsManagerSecretsProvider implements SecretsProvider {
  private readonly copy: KekCopy;

  constructor(private readonly config: SecretsManagerSecretsProviderConfig) {
    const sources = config.regions.map((each) => ({ region: each.region, read: () => this.askRegion(each) }));
    this.copy = new KekCopy({ ...config, sources });
  }

  current(): Promise<KekKeyset> {
    return this.copy.current();
  }

  refresh(): Promise<KekKeyset> {
    return this.copy.refresh();
  }

  private async askRegion({ client }: KekRegion): Promise<KekKeyset | KekReadFailure> {
    const { secretId, regionTimeoutMs = KEK_REGION_TIMEOUT_MS, metrics } = this.config;
    try {
      // AWSCURRENT is explicit because a policy on the stage sees only the request's members (aws/aws-cli#5031).
      const command = new GetSecretValueCommand({ SecretId: secretId, VersionStage: CURRENT });
      const deadline = AbortSignal.timeout(regionTimeoutMs);
      const { SecretString } = await Promise.race([
        client.send(command, { abortSignal: deadline }),
        rejectAt(deadline),
      ]);
      return parseKekSecret(SecretString ?? '');
    } catch (thrown) {
      const reason = reasonOf(thrown);
      metrics.count('kek_source_failed');
      // No answer is an outage; an unusable answer may be tampering.
      if (reason !== 'no_region_answered') metrics.count('kek_unusable');
      const failed = isNamed(thrown) ? thrown : await unusableAnswer(client, 'GetSecretValue', errorNameOf(thrown));
      return { reason, outside: reportFailure(failed, reason === 'no_region_answered' ? undefined : reason) };
    }
  }
}

/** The SDK checks the signal only during a request, not while it finds credentials or waits to retry. */
const rejectAt = (deadline: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    deadline.addEventListener('abort', () => {
      reject(deadline.reason as DOMException);
    });
  });

/** A missing secret, or one without a current value, is an answer: there is no KEK. */
function reasonOf(thrown: unknown): KekReadReason {
  if (nameOf(thrown) === 'ResourceNotFoundException') return 'kek_missing';
  if (!(thrown instanceof KeywardError)) return 'no_region_answered';
  return thrown.reason === 'kek_missing' ? 'kek_missing' : 'kek_damaged';
}

/** Not by `instanceof Error`: Node may throw an error of another realm. */
const nameOf = (thrown: unknown): unknown => (Object(thrown) as { name?: unknown }).name;
