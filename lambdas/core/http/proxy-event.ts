import type { APIGatewayProxyEvent } from 'aws-lambda';
import { isRecord } from '../crypto/record-checks';
import type { Caller } from '../ports/caller';
import { keptUserAgent } from '../contract/user-agent';

/** Visible ASCII, which is safe in a header. */
const REQUEST_ID = /^[\x21-\x7e]{1,128}$/;

/** The members of a proxy event that Keyward reads, checked. */
export type ProxyEvent = Pick<
  APIGatewayProxyEvent,
  | 'body'
  | 'headers'
  | 'httpMethod'
  | 'isBase64Encoded'
  | 'multiValueHeaders'
  | 'multiValueQueryStringParameters'
  | 'path'
  | 'queryStringParameters'
> & {
  readonly requestContext: {
    readonly requestId: string;
    readonly identity: {
      readonly sourceIp: string;
      readonly userAgent: string | null;
      readonly userArn: string | null;
    };
  };
};

/**
 * Whether an event is a REST API's request, payload format 1.0
 * (https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html): a function may be invoked
 * with any event. Does not authenticate the sender; only the gateway may have permission to invoke.
 */
export function isProxyEvent(event: unknown): event is ProxyEvent {
  if (!isRecord(event) || !isRecord(event['requestContext'])) return false;
  const { requestId, identity } = event['requestContext'];
  return (
    typeof event['httpMethod'] === 'string' &&
    typeof event['path'] === 'string' &&
    isText(event['body']) &&
    typeof event['isBase64Encoded'] === 'boolean' &&
    isValues(event['headers'], 'string') &&
    isValues(event['multiValueHeaders'], 'list') &&
    isValues(event['queryStringParameters'], 'string') &&
    isValues(event['multiValueQueryStringParameters'], 'list') &&
    typeof requestId === 'string' &&
    REQUEST_ID.test(requestId) &&
    isRecord(identity) &&
    typeof identity['sourceIp'] === 'string' &&
    isText(identity['userAgent']) &&
    isText(identity['userArn'])
  );
}

/**
 * The caller as the gateway verified it.
 *
 * @returns undefined if it verified nobody
 */
export function callerOf(event: ProxyEvent): Caller | undefined {
  const { requestId, identity } = event.requestContext;
  if (!identity.userArn) return undefined;
  return {
    user_id: identity.userArn,
    ip_address: identity.sourceIp,
    user_agent: keptUserAgent(identity.userAgent),
    request_id: requestId,
  };
}

/** All values of a header; the name is compared without case. */
export const headerValues = ({ multiValueHeaders, headers }: ProxyEvent, name: string): readonly string[] =>
  valuesUnder(name, multiValueHeaders, headers);

/** Looks at the names one by one: this is asked several times of each request, and nearly always in vain. */
function valuesUnder(name: string, lists: Values<string[]>, singles: Values<string>): readonly string[] {
  const given: Values<string | string[]> = lists ?? singles;
  let found = NONE;
  for (const spelling in given) {
    const values = given[spelling];
    if (values === undefined || spelling.length !== name.length || spelling.toLowerCase() !== name) continue;
    found = found.concat(values);
  }
  return found;
}

const NONE: readonly string[] = [];

/** Every query parameter with its values, as the gateway decoded them. */
export const queryValues = (event: ProxyEvent): readonly (readonly [string, readonly string[]])[] =>
  valuesOf(event.multiValueQueryStringParameters, event.queryStringParameters);

type Values<T> = Readonly<Record<string, T | undefined>> | null | undefined;

/** A real event has both forms; a test event from the console may have the single values alone. */
const valuesOf = (lists: Values<string[]>, singles: Values<string>): (readonly [string, readonly string[]])[] =>
  lists
    ? Object.entries(lists).map(([name, values]) => [name, values ?? []])
    : Object.entries(singles ?? {}).map(([name, value]) => [name, value === undefined ? [] : [value]]);

const isText = (value: unknown): value is string | null | undefined =>
  value === null || value === undefined || typeof value === 'string';

const isStrings = (value: unknown): boolean =>
  Array.isArray(value) && value.every((member) => typeof member === 'string');

const isValues = (value: unknown, kind: 'string' | 'list'): boolean =>
  value === null || value === undefined || (isRecord(value) && hasValues(value, kind));

function hasValues(value: Readonly<Record<string, unknown>>, kind: 'string' | 'list'): boolean {
  for (const name of Object.keys(value)) {
    const member = value[name];
    if (!(kind === 'list' ? isStrings(member) : typeof member === 'string')) return false;
  }
  return true;
}
