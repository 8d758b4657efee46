import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { KeywardError } from '../../core/domain/errors';
import { isRecord } from '../../core/domain/record-checks';
import type { RegionProver } from '../../core/ports/region-prover';

/** How one region's function is reached. Times are in milliseconds, each for one attempt. */
export interface RegionProverConfig {
  readonly region: string;
  readonly functionName: string;
  /** Has to cover a cold start and the function's own time. */
  readonly requestTimeoutMs: number;
  readonly connectionTimeoutMs: number;
  /** Attempts in all, the first included. */
  readonly maxAttempts: number;
}

/**
 * Invokes the region's own `prove-keyset` and waits for its answer: `{proof}`, or `{code}` where it has none to give
 * (https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html). Anything else is no answer.
 */
export function createLambdaRegionProver(config: RegionProverConfig): RegionProver {
  const { region, functionName, requestTimeoutMs, connectionTimeoutMs, maxAttempts } = config;
  const client = new LambdaClient({
    region,
    maxAttempts,
    requestHandler: {
      requestTimeout: requestTimeoutMs,
      socketTimeout: requestTimeoutMs,
      connectionTimeout: connectionTimeoutMs,
      throwOnRequestTimeout: true,
    },
  });
  return {
    region,
    prove: async ({ provider, version, revision, kek_id, nonce }) => {
      const command = new InvokeCommand({
        FunctionName: functionName,
        InvocationType: 'RequestResponse',
        Payload: JSON.stringify({ provider, version, revision, kek_id, nonce }),
      });
      const answer = await client.send(command).catch(() => {
        throw noAnswer();
      });
      if (answer.FunctionError !== undefined) throw noAnswer();
      return readProof(answer.Payload?.transformToString() ?? '');
    },
  };
}

function readProof(payload: string): string {
  const answer = parse(payload);
  if (!isRecord(answer) || Object.keys(answer).length !== 1) throw noAnswer();
  const { proof, code } = answer;
  if (code === 'keys_unavailable') {
    throw new KeywardError('keys_unavailable', 'the region cannot unwrap this version, or not yet');
  }
  if (typeof proof !== 'string') throw noAnswer();
  return proof;
}

/** What JSON.parse throws would quote what it read. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const noAnswer = (): KeywardError =>
  new KeywardError('store_unavailable', 'the region gave no answer to be used; try again');
