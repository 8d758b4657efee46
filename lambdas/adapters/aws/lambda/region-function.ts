import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { toErrorName, type ErrorName } from '../../../core/errors/error-names';
import { KeywardError } from '../../../core/errors/errors';
import { isRecord } from '../../../core/crypto/record-checks';
import { parseStrictJson } from '../../../core/crypto/strict-json';
import { boundedClient, type BoundedClientOptions } from '../bounded-client';
import { reportFailure, unusableAnswer } from '../observability/name-failures';

/** Options for one region's function. The request timeout must cover a cold start and the function's own time. */
export interface RegionFunctionConfig extends BoundedClientOptions {
  readonly functionName: string;
}

/** A function of one region, whose answer is one member or `{code}`. */
export interface RegionFunction {
  /**
   * Invokes it and waits for its answer (https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html).
   *
   * @param member the only member of an answer
   * @throws KeywardError `keys_unavailable` if that is the answer's code; `store_unavailable` for no answer and any other one
   */
  readonly ask: (event: object, member: string) => Promise<string>;
}

export function createRegionFunction(config: RegionFunctionConfig): RegionFunction {
  const client = boundedClient(LambdaClient, config);
  return {
    ask: async (event, member) => {
      const command = new InvokeCommand({
        FunctionName: config.functionName,
        InvocationType: 'RequestResponse',
        Payload: JSON.stringify(event),
      });
      const answer = await client.send(command).catch((thrown: unknown) => {
        throw noAnswer(thrown);
      });
      const text = answer.Payload?.transformToString() ?? '';
      if (answer.FunctionError !== undefined) {
        throw noAnswer(await unusableAnswer(client, 'Invoke', nameOfFunctionError(text)));
      }
      return memberOf(text, member) ?? Promise.reject(noAnswer(await unusableAnswer(client, 'Invoke')));
    },
  };
}

/** Undefined if it is not an answer of this function. */
function memberOf(payload: string, member: string): string | undefined {
  const answer: unknown = parseStrictJson(payload);
  if (!isRecord(answer) || Object.keys(answer).length !== 1) return undefined;
  const { [member]: value, code } = answer;
  if (code === 'keys_unavailable') {
    throw new KeywardError('keys_unavailable', 'the region cannot unwrap this version, or not yet');
  }
  return typeof value === 'string' ? value : undefined;
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
