import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { PUBLISH_EVENT } from '../../../core/contract/system-events';
import { invalidRequest } from '../../../core/errors/errors';
import { isCount, isRecord } from '../../../core/crypto/record-checks';
import { parseStrictJson } from '../../../core/crypto/strict-json';
import type { Clock } from '../../../core/ports/clock';
import type { LogFault } from '../../../core/transparency/log-fault';
import type { LogPublisher } from '../../../core/transparency/ports/log-publisher';
import { boundedClient } from '../bounded-client';
import { orUnavailable, storeUnavailable } from '../dynamodb/store-unavailable';
import { unusableAnswer } from '../observability/name-failures';
import type { RegionFunctionConfig } from './region-function';

export interface LambdaLogPublisherConfig {
  /** `publish-checkpoint` of a region; a request may take as long as the function. */
  readonly functionIn: (region: string) => RegionFunctionConfig;
  readonly clock: Pick<Clock, 'sleep'>;
  /** How long an answer is waited for, in milliseconds. Lambda carries on with a function that nobody waits for any more. */
  readonly patienceMs: number;
}

const MADE_BY_DEPLOYMENT =
  'action: a deployment makes the keys of this log; raise transparency_log.keys in cdk.json and deploy';

type Answer = Awaited<ReturnType<LogPublisher['publish']>>;

/** A fault is one word of {@link LogFault}. */
const WORD = /^[a-z_]{1,40}$/;

/**
 * Invokes the function that publishes a region's log. It answers `{size, added, repeated, foreign, malformed}`, or `{fault}`
 * (https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html).
 */
export function createLambdaLogPublisher({ functionIn, clock, patienceMs }: LambdaLogPublisherConfig): LogPublisher {
  async function ask(region: string): Promise<Answer> {
    const config = functionIn(region);
    const client = boundedClient(LambdaClient, config);
    const command = new InvokeCommand({
      FunctionName: config.functionName,
      InvocationType: 'RequestResponse',
      Payload: JSON.stringify(PUBLISH_EVENT),
    });
    const { FunctionError, Payload } = await orUnavailable(client.send(command), 'Lambda');
    const answer = FunctionError === undefined ? readAnswer(Payload?.transformToString() ?? '') : undefined;
    if (answer !== undefined) return answer;
    const name = FunctionError === undefined ? 'UnusableAnswer' : 'FunctionError';
    throw storeUnavailable(await unusableAnswer(client, 'Invoke', name), 'Lambda');
  }

  return {
    publish: async (region, { handOver = false } = {}) => {
      if (handOver) throw invalidRequest(MADE_BY_DEPLOYMENT);
      const answer = ask(region);
      // Whoever waits no longer hears of no failure.
      answer.catch(() => undefined);
      return Promise.race([answer, clock.sleep(patienceMs).then(() => undefined)]);
    },
  };
}

function readAnswer(payload: string): Answer {
  const answer = parseStrictJson(payload);
  if (!isRecord(answer)) return undefined;
  const { size, added, repeated, foreign, malformed, fault } = answer;
  if (typeof fault === 'string' && WORD.test(fault)) return { fault: fault as LogFault };
  if (!isCount(size, 0) || !isCount(added, 0) || !isCount(repeated, 0)) return undefined;
  if (!isCount(foreign, 0) || !isCount(malformed, 0)) return undefined;
  return { value: { size, counts: { added, repeated, foreign, malformed } } };
}
