import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { rotateKekRequest } from '../../../core/contract/system-events';
import { OUTAGE_DETAILS } from '../../../core/contract/problems';
import { KeywardError } from '../../../core/errors/errors';
import type { KekRotation } from '../../../core/kek-rotation/ports/kek-rotation';
import { boundedClient, type BoundedClientOptions } from '../bounded-client';
import { reportFailure, unusableAnswer } from '../observability/name-failures';

export interface LambdaKekRotationConfig extends BoundedClientOptions {
  readonly functionName: string;
}

/** Status of an event that Lambda has taken ("InvocationType: Event", API_Invoke). */
const ACCEPTED = 202;

/**
 * Requests rotations of the KEK from `rotate-kek`, where no Secrets Manager drives them. Lambda keeps the event and invokes the
 * function, which resumes a rotation that is pending.
 */
export function createLambdaKekRotation(
  config: LambdaKekRotationConfig,
): KekRotation & { readonly resume: () => Promise<void> } {
  const { functionName } = config;
  const client = boundedClient(LambdaClient, config);
  const request = async (begin: boolean): Promise<void> => {
    const command = new InvokeCommand({
      FunctionName: functionName,
      InvocationType: 'Event',
      Payload: JSON.stringify(rotateKekRequest(begin)),
    });
    const { StatusCode: status } = await client.send(command).catch((thrown: unknown) => {
      throw noAnswer(thrown);
    });
    if (status !== ACCEPTED) throw noAnswer(await unusableAnswer(client, 'Invoke'));
  };
  return { start: () => request(true), resume: () => request(false) };
}

const noAnswer = (thrown: unknown): KeywardError =>
  new KeywardError('store_unavailable', OUTAGE_DETAILS.noAnswerOf('Lambda'), undefined, reportFailure(thrown));
