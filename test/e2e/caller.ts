import { replyBody } from '../reply-body';
import { queryApi, textOf } from './query-api';
import { headersOf, sendCall, signedCall, type Call, type Cloud, type Keys } from './signed-call';
import { Stop } from './stop';

const IAM = { service: 'iam', region: 'us-east-1', version: '2010-05-08' };

/** A user with managed policies of the deployment, by name. */
export async function createCaller(
  cloud: Cloud,
  account: string,
  name: string,
  policies: readonly string[],
): Promise<Keys> {
  const iam = (action: string, parameters: Readonly<Record<string, string>> = {}) =>
    queryApi(cloud, { ...IAM, action }, { UserName: name, ...parameters });
  await iam('CreateUser');
  for (const policy of policies) {
    await iam('AttachUserPolicy', { PolicyArn: `arn:aws:iam::${account}:policy/${policy}` });
  }
  const xml = await iam('CreateAccessKey');
  const [accessKeyId, secretAccessKey] = [textOf(xml, 'AccessKeyId'), textOf(xml, 'SecretAccessKey')];
  if (accessKeyId === undefined || secretAccessKey === undefined) throw new Stop(`No access key was made for ${name}.`);
  return { accessKeyId, secretAccessKey };
}

export interface Reply {
  readonly status: number;
  readonly text: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** One region's API behind MiniStack's gateway. */
export class RegionalApi {
  constructor(
    private readonly port: number,
    readonly region: string,
    private readonly id: string,
  ) {}

  /** Sends a request, signed with `keys` if there are any. `path` begins with `/v1`. */
  async call(keys: Keys | undefined, method: string, path: string, body?: unknown): Promise<Reply> {
    return replyOf(await signedCall(this.port, this.toCall(method, path, body), keys));
  }

  /** Signs one body, and sends another. */
  async callTampered(keys: Keys, path: string, signed: unknown, sent: unknown): Promise<Reply> {
    const headers = await headersOf(this.port, this.toCall('POST', path, signed), keys);
    const call = this.toCall('POST', path, sent);
    return replyOf(
      await sendCall(this.port, call, { ...headers, 'content-length': call.headers['content-length'] ?? '0' }),
    );
  }

  private toCall(method: string, pathAndQuery: string, body: unknown): Call & { headers: Record<string, string> } {
    const [path = '', search = ''] = pathAndQuery.split('?');
    const text = body === undefined ? '' : JSON.stringify(body);
    return {
      service: 'execute-api',
      region: this.region,
      method,
      path: `/live${path}`,
      ...(search !== '' && { query: Object.fromEntries(new URLSearchParams(search)) }),
      // The stack's policy refuses what is not encrypted: this is what the proxy that ends TLS says to MiniStack.
      headers: { 'content-length': String(Buffer.byteLength(text)), 'x-forwarded-proto': 'https' },
      host: `${this.id}.execute-api.127.0.0.1:${this.port}`,
      ...(text !== '' && { body: text }),
    };
  }
}

function replyOf({ status, text }: { status: number; text: string }): Reply {
  try {
    return { status, text, body: replyBody(status, JSON.parse(text) as Record<string, unknown>) };
  } catch {
    return { status, text, body: {} };
  }
}
