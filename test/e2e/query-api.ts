import { signedCall, type Cloud } from './signed-call';
import { Stop } from './stop';

export interface QueryAction {
  readonly service: string;
  readonly region: string;
  readonly version: string;
  readonly action: string;
}

/** Calls an AWS service that speaks the query protocol, as the account's root. Gives the XML of the answer. */
export async function queryApi(
  { port, root }: Cloud,
  { service, region, version, action }: QueryAction,
  parameters: Readonly<Record<string, string>>,
): Promise<string> {
  const body = new URLSearchParams({ Action: action, Version: version, ...parameters }).toString();
  const headers = { 'content-type': 'application/x-www-form-urlencoded', 'content-length': String(body.length) };
  const { status, text } = await signedCall(port, { service, region, method: 'POST', path: '/', headers, body }, root);
  if (status !== 200) throw new Stop(`${action} answered ${status}: ${text}`);
  return text;
}

/** The text of the first element of a name. */
export const textOf = (xml: string, element: string): string | undefined =>
  new RegExp(`<${element}>([^<]*)</${element}>`).exec(xml)?.[1];
