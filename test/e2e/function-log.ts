import { signedCall, type Cloud } from './signed-call';
import { Stop } from './stop';

/** Whether a function's log has a line with this text, such as the id of a request that it has served. */
export async function isInLog(cloud: Cloud, region: string, functionName: string, text: string): Promise<boolean> {
  const body = JSON.stringify({ logGroupName: `/aws/lambda/${functionName}` });
  const headers = {
    'content-type': 'application/x-amz-json-1.1',
    'content-length': String(body.length),
    'x-amz-target': 'Logs_20140328.FilterLogEvents',
  };
  const call = { service: 'logs', region, method: 'POST', path: '/', headers, body };
  const answer = await signedCall(cloud.port, call, cloud.root);
  if (answer.status !== 200) throw new Stop(`FilterLogEvents answered ${answer.status}: ${answer.text}`);
  const { events = [] } = JSON.parse(answer.text) as { events?: readonly { message?: string }[] };
  return events.some(({ message = '' }) => message.includes(text));
}
