import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { MOVE_KEK_REQUEST, rotateKekRequest } from '../../../core/contract/system-events';
import type { KekRotation } from '../../../core/kek-rotation/ports/kek-rotation';
import { boundedClient, type BoundedClientOptions } from '../bounded-client';
import { orUnavailable, storeUnavailable } from '../dynamodb/store-unavailable';
import { unusableAnswer } from '../observability/name-failures';

export interface LambdaKekRotationConfig extends BoundedClientOptions {
  readonly functionName: string;
}

/** Status of an event that Lambda has taken ("InvocationType: Event", API_Invoke). */
const ACCEPTED = 202;

/**
 * Requests rotations of the KEK from `rotate-kek`, where no Secrets Manager drives them. Lambda keeps the event and invokes the
 * function, which resumes a rotation that is pending. `move` has it go on with a move of the KEK.
 */
export function createLambdaKekRotation(
  config: LambdaKekRotationConfig,
): KekRotation & { readonly resume: () => Promise<void>; readonly move: () => Promise<void> } {
  const { functionName } = config;
  const client = boundedClient(LambdaClient, config);
  const request = async (event: object): Promise<void> => {
    const command = new InvokeCommand({
      FunctionName: functionName,
      InvocationType: 'Event',
      Payload: JSON.stringify(event),
    });
    const { StatusCode: status } = await orUnavailable(client.send(command), 'Lambda');
    if (status !== ACCEPTED) throw storeUnavailable(await unusableAnswer(client, 'Invoke'), 'Lambda');
  };
  return {
    start: () => request(rotateKekRequest(true)),
    resume: () => request(rotateKekRequest(false)),
    move: () => request(MOVE_KEK_REQUEST),
  };
}
