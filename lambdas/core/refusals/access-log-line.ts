import { GATEWAYS_MEMBERS, type GatewaysMember } from '../contract/access-log-format';

/** A line of the API's access log. A variable without a value is `-`. */
export interface AccessLogLine {
  /** Made by API Gateway and IAM: no sender chooses them. */
  readonly made: Readonly<Record<GatewaysMember, string>>;
  /** Undefined if it is not of the form of an id: a client can choose it. */
  readonly requestId: string | undefined;
  /** The sender's text, not checked; undefined if it is not to be found. */
  readonly userAgent: string | undefined;
}

/** What the gateway makes has neither quotation mark nor backslash, so the first ones that fit are its own. */
const MADE = GATEWAYS_MEMBERS.map((name) => `"${name}":"(?<${name}>[^"\\\\]{0,2048})"`).join(',');
const BEGINNING = new RegExp(`^\\{${MADE},"request_id":"`);
const REQUEST_ID = /^[A-Za-z0-9-]{1,64}(?=","integration_error":")/;
const USER_AGENT = '","user_agent":"';
const END = '"}';

/**
 * Reads a line of the access log (contract/access-log-format). Reads what the gateway makes by its place, from the line's
 * beginning, and everything behind it as text: no text of a sender can stand for a value of the gateway, or make the line
 * unreadable.
 *
 * @returns undefined if the beginning is not that of the format
 */
export function readAccessLogLine(line: string): AccessLogLine | undefined {
  const match = BEGINNING.exec(line);
  if (match === null) return undefined;
  const texts = line.slice(match[0].length);
  const agentAt = texts.lastIndexOf(USER_AGENT);
  return {
    made: match.groups as AccessLogLine['made'],
    requestId: REQUEST_ID.exec(texts)?.[0],
    userAgent: agentAt >= 0 && texts.endsWith(END) ? texts.slice(agentAt + USER_AGENT.length, -END.length) : undefined,
  };
}
