import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { closeServer } from '../close-server';
import { signingKeys } from '../signing-keys';
import { AwsAccount, type IssuedKeys } from './aws-account';

export interface RunningAwsAccount {
  readonly endpoint: string;
  readonly account: AwsAccount;
  /** The actions of IAM and STS that were called, in order. */
  readonly actions: string[];
  /** For each request of DynamoDB the access key and the answer's status. */
  readonly requests: { readonly accessKeyId: string; readonly status: number }[];
  close(): Promise<void>;
}

const RUNNING = new Map<string, AwsAccount>();

/** The account that the double of Vault makes keys in: it is configured by the endpoint, as the real engine is. */
export const accountAt = (endpoint: string): AwsAccount | undefined => RUNNING.get(endpoint);

/**
 * Serves an account on a free port of 127.0.0.1: as IAM and STS for Vault's engine (Query protocol: IAM and STS API references),
 * and as a DynamoDB of empty tables that looks at the keys of each request and at no signature.
 */
export async function startAwsAccount(now: () => number = Date.now): Promise<RunningAwsAccount> {
  const account = new AwsAccount(now);
  const actions: string[] = [];
  const requests: RunningAwsAccount['requests'] = [];
  const users = new Map<string, string>();
  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    void text(request).then((body) => {
      if (request.headers['x-amz-target'] === undefined) {
        response.writeHead(200, { 'content-type': 'text/xml' }).end(answerQuery(new URLSearchParams(body)));
        return;
      }
      const { accessKeyId = '', sessionToken } = signingKeys(request);
      const error = account.errorOf(accessKeyId, sessionToken);
      const status = error === undefined ? 200 : 400;
      requests.push({ accessKeyId, status });
      const json = error === undefined ? {} : { __type: `com.amazon.coral.service#${error}`, message: 'no' };
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(json));
    });
  });

  function answerQuery(query: URLSearchParams): string {
    const action = query.get('Action') ?? '';
    actions.push(action);
    const user = query.get('UserName') ?? '';
    const seconds = Number(query.get('DurationSeconds') ?? 3600);
    const result = ((): string => {
      switch (action) {
        case 'AssumeRole':
          return `${credentials(account.newSession(seconds), now() + seconds * 1000)}<AssumedRoleUser><Arn>arn</Arn><AssumedRoleId>id</AssumedRoleId></AssumedRoleUser>`;
        case 'GetFederationToken':
          return `${credentials(account.newSession(seconds), now() + seconds * 1000)}<FederatedUser><Arn>arn</Arn><FederatedUserId>id</FederatedUserId></FederatedUser>`;
        case 'CreateUser':
          return `<User><UserName>${user}</UserName><UserId>id</UserId><Arn>arn</Arn><Path>/</Path></User>`;
        case 'CreateAccessKey': {
          const { accessKeyId, secretAccessKey } = account.newUser();
          users.set(user, accessKeyId);
          return `<AccessKey><UserName>${user}</UserName><AccessKeyId>${accessKeyId}</AccessKeyId><SecretAccessKey>${secretAccessKey}</SecretAccessKey><Status>Active</Status></AccessKey>`;
        }
        case 'DeleteUser':
          account.delete(users.get(user) ?? '');
          return '';
        default:
          return '';
      }
    })();
    return `<${action}Response><${action}Result>${result}</${action}Result></${action}Response>`;
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  RUNNING.set(endpoint, account);
  return {
    endpoint,
    account,
    actions,
    requests,
    close: () => {
      RUNNING.delete(endpoint);
      return closeServer(server);
    },
  };
}

const credentials = ({ accessKeyId, secretAccessKey, sessionToken }: IssuedKeys, end: number): string =>
  `<Credentials><AccessKeyId>${accessKeyId}</AccessKeyId><SecretAccessKey>${secretAccessKey}</SecretAccessKey><SessionToken>${sessionToken}</SessionToken><Expiration>${new Date(end).toISOString()}</Expiration></Credentials>`;
