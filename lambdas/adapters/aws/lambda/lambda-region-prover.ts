import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { toErrorName, type ErrorName } from '../../../core/errors/error-names';
import { KeywardError } from '../../../core/errors/errors';
import { isRecord } from '../../../core/crypto/record-checks';
import { parseStrictJson } from '../../../core/crypto/strict-json';
import type { RegionProver } from '../../../core/dek-rotation/ports/region-prover';
import { boundedClient, type BoundedClientOptions } from '../bounded-client';
import { reportFailure, unusableAnswer } from '../observability/name-failures';

/** Options for one region's function. The request timeout must cover a cold start and the function's own time. */
export interface RegionProverConfig extends BoundedClientOptions {
  readonly functionName: string;
}

/**
 * Invokes the region's own `prove-keyset` and waits for its answer: `{proof}`, or `{code}` if it has none
 * (https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html). Any other answer counts as none.
 */
export function createLambdaRegionProver(config: RegionProverConfig): RegionProver {
  const { region, functionName } = config;
  const client = boundedClient(LambdaClient, config);
  const invoke = async (payload: string): Promise<string> => {
    const command = new InvokeCommand({
      FunctionName: functionName,
      InvocationType: 'RequestResponse',
      Payload: payload,
    });
    const answer = await client.send(command).catch((thrown: unknown) => {
      throw noAnswer(thrown);
    });
    const text = answer.Payload?.transformToString() ?? '';
    if (answer.FunctionError === undefined) return text;
    throw noAnswer(await unusableAnswer(client, 'Invoke', nameOfFunctionError(text)));
  };
  return {
    region,
    prove: async ({ provider, version, revision, kek_id, nonce, home }) => {
      const payload = await invoke(JSON.stringify({ provider, version, revision, kek_id, nonce, home }));
      return readProof(payload) ?? Promise.reject(noAnswer(await unusableAnswer(client, 'Invoke')));
    },
  };
}

/** Undefined if it is not an answer of this function. */
function readProof(payload: string): string | undefined {
  const answer: unknown = parseStrictJson(payload);
  if (!isRecord(answer) || Object.keys(answer).length !== 1) return undefined;
  const { proof, code } = answer;
  if (code === 'keys_unavailable') {
    throw new KeywardError('keys_unavailable', 'the region cannot unwrap this version, or not yet');
  }
  return typeof proof === 'string' ? proof : undefined;
}

/** Lambda returns the error's type and text; the text is dropped (Developer Guide, "Function error handling"). */
function nameOfFunctionError(payload: string): ErrorName {
  const answer: unknown = parseStrictJson(payload);
  const name = isRecord(answer) ? toErrorName(answer['errorType']) : 'other';
  return name === 'other' ? 'FunctionError' : name;
}

const noAnswer = (thrown: unknown): KeywardError =>
  new KeywardError(
    'store_unavailable',
    'the region returned an unusable answer; try again',
    undefined,
    reportFailure(thrown),
  );
