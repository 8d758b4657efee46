import { OUTAGE_DETAILS } from '../../core/contract/problems';
import { isRecord } from '../../core/crypto/record-checks';
import { readKeptJson } from '../../core/crypto/strict-json';
import type { ErrorName } from '../../core/errors/error-names';
import { KeywardError } from '../../core/errors/errors';
import type { FailureReason } from '../../core/errors/failure-reason';
import { toOutsideFailure, type OutsideFailure } from '../../core/errors/outside-failure';
import type { FailureLog } from '../../core/ports/failure-log';
import type { VaultAnswer, VaultRequest, VaultTransport } from './vault-transport';

/** The members of an answer; empty where it has no body. */
export type VaultBody = Readonly<Record<string, unknown>>;

/** An answer that the caller asked for: a success, or one of the statuses that mean something to it. */
export interface VaultReply {
  readonly status: number;
  readonly body: VaultBody;
}

/** One call of Vault: its name for the log, and which statuses beside successes are answers. */
export interface VaultCall extends VaultRequest {
  readonly operation: string;
  readonly answers?: readonly number[];
}

/** Calls of one Vault. */
export class VaultCalls {
  constructor(
    private readonly deps: {
      readonly transport: VaultTransport;
      readonly region: string;
      readonly failures: FailureLog;
    },
  ) {}

  /**
   * Sends one call once.
   *
   * @throws KeywardError `store_unavailable` with `outside`, which is logged, for every other status and for no answer. Never has
   *   text of Vault: its messages may repeat what was sent
   */
  async send({ operation, answers = [], ...request }: VaultCall): Promise<VaultReply> {
    let answer: VaultAnswer;
    try {
      answer = await this.deps.transport.send(request);
    } catch (thrown) {
      throw this.failed(operation, thrown);
    }
    const { status, text } = answer;
    const body = bodyOf(text);
    if (!isSuccess(status) && !answers.includes(status))
      throw this.failed(operation, named(nameOf(status, operation, body)));
    if (body === undefined) throw this.unusable(operation);
    return { status, body };
  }

  /** The error for an answer that cannot be used: by default one that has not the form which its status promises. */
  unusable(operation: string, name: ErrorName = 'UnusableAnswer'): KeywardError {
    return this.failed(operation, named(name));
  }

  /** Logs an answer whose content is at fault. */
  reportUnusable(operation: string, reason: FailureReason): OutsideFailure {
    const call = { service: 'Vault', operation, region: this.deps.region };
    const failure = { ...toOutsideFailure(call, named('UnusableAnswer')), reason };
    this.deps.failures.note(failure);
    return failure;
  }

  private failed(operation: string, thrown: unknown): KeywardError {
    const failure = toOutsideFailure({ service: 'Vault', operation, region: this.deps.region }, thrown);
    this.deps.failures.note(failure);
    return new KeywardError('store_unavailable', OUTAGE_DETAILS.noAnswerOf('Vault'), undefined, failure);
  }
}

const isSuccess = (status: number): boolean => status >= 200 && status < 300;

const named = (name: ErrorName): Error => Object.assign(new Error('the call failed'), { name });

/** Undefined for what is no JSON object, such as a proxy's page. */
function bodyOf(text: string): VaultBody | undefined {
  if (text === '') return {};
  const reading = readKeptJson(text);
  return 'value' in reading && isRecord(reading.value) ? reading.value : undefined;
}

/**
 * What a status means ("HTTP status codes" of Vault's HTTP API). 472 and 473 are those of a replica that does not serve
 * (sys/health), 429 is a rate limit quota; a redirect comes from a standby node, and is not followed.
 */
function nameOf(status: number, operation: string, body: VaultBody | undefined): ErrorName {
  switch (status) {
    case 400:
      return operation === 'login' ? 'VaultLoginRefused' : 'VaultInvalidRequest';
    case 403:
      return operation === 'login' ? 'VaultLoginRefused' : 'VaultPermissionDenied';
    case 404:
      return 'VaultPathNotFound';
    case 429:
      return 'VaultRateLimited';
    case 307:
    case 472:
    case 473:
      return 'VaultStandby';
    case 503:
      return isSealed(body) ? 'VaultSealed' : 'VaultServerError';
    default:
      return status >= 400 && status < 500 ? 'VaultInvalidRequest' : 'VaultServerError';
  }
}

const isSealed = (body: VaultBody | undefined): boolean =>
  Array.isArray(body?.['errors']) && body['errors'].includes('Vault is sealed');
