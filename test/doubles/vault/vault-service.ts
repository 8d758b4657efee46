import { AwsEngine } from './aws-engine';
import { AwsAuth } from './aws-auth';
import { KvEngine } from './kv-engine';
import { Policies } from './policies';
import { NOT_WRAPPED, TokenStore } from './token-store';
import { VaultError } from './vault-error';

/** A request as it arrived, its path after `/v1/`. */
export interface ServiceRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly token: string | undefined;
  readonly wrapSeconds: number | undefined;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface ServiceReply {
  readonly status: number;
  readonly body?: object;
}

interface Mount {
  readonly path: string;
  readonly version: '1' | '2';
  readonly engine: KvEngine;
}

type Handler = (request: ServiceRequest, rest: string) => ServiceReply;

/**
 * Vault's HTTP API, for the calls of Keyward and its tests: https://developer.hashicorp.com/vault/api-docs. `npm run test:vault`
 * compares its behaviour with a real server (test/contract/vault/vault-api.test.ts).
 */
export class VaultService {
  readonly tokens: TokenStore;
  /** "503: Vault is down for maintenance or is currently sealed" (HTTP status codes). */
  isSealed = false;
  private readonly aws: AwsAuth;
  /** AppRole is enabled from the start. */
  private readonly authMethods = new Set(['approle']);
  private readonly quotas = new Map<string, { readonly path: string; left: number }>();
  private readonly policies = new Policies();
  private readonly mounts = new Map<string, Mount>();
  private readonly awsMounts = new Map<string, AwsEngine>();

  constructor(private readonly now: () => number = Date.now) {
    this.tokens = new TokenStore(now);
    this.aws = new AwsAuth(this.tokens);
    this.mount('secret/', '2');
  }

  /** The only call for which Vault asks somebody else. */
  async logInByAws(body: ServiceRequest['body']): Promise<ServiceReply> {
    try {
      if (this.isSealed) throw new VaultError(503, 'Vault is sealed');
      return ok({ auth: await this.aws.logIn(body) });
    } catch (thrown) {
      if (thrown instanceof VaultError) return { status: thrown.status, body: thrown.body };
      throw thrown;
    }
  }

  call(request: ServiceRequest): ServiceReply {
    try {
      // "/sys/unseal": there is one key here, and it is right.
      if (request.path === 'sys/unseal') this.isSealed = false;
      if (this.isSealed) throw new VaultError(503, 'Vault is sealed');
      this.spendQuota(request.path);
      return this.handlerOf(request);
    } catch (thrown) {
      if (thrown instanceof VaultError) return { status: thrown.status, body: thrown.body };
      throw thrown;
    }
  }

  /** "/sys/quotas/rate-limit": here an interval never ends before the quota is deleted. */
  private spendQuota(path: string): void {
    for (const quota of this.quotas.values()) {
      if (path.startsWith(quota.path) && (quota.left -= 1) < 0) {
        throw new VaultError(429, `request path "${path}": rate limit quota exceeded`);
      }
    }
  }

  private enableAuth(method: string): ServiceReply {
    if (this.authMethods.has(method)) throw new VaultError(400, `path is already in use at ${method}/`);
    this.authMethods.add(method);
    return { status: 204 };
  }

  private putQuota({ body }: ServiceRequest, name: string): ServiceReply {
    this.quotas.set(name, { path: String(body['path']), left: Number(body['rate']) });
    return { status: 204 };
  }

  private deleteQuota(name: string): ServiceReply {
    this.quotas.delete(name);
    return { status: 204 };
  }

  private handlerOf(request: ServiceRequest): ServiceReply {
    const { method, path } = request;
    const open = OPEN[`${method} ${path}`];
    if (open !== undefined) return this[open](request);
    if (this.tokens.policiesOf(request.token) === undefined) throw new VaultError(403, 'permission denied');
    const routes: readonly (readonly [string, string, Handler])[] = [
      ['GET', 'sys/internal/ui/mounts/', (_, rest) => this.findMount(request, rest)],
      ['POST', 'sys/capabilities-self', () => this.capabilities(request)],
      ['GET', 'auth/token/lookup-self', () => ok({ data: this.tokens.lookUp(request.token ?? '') })],
      ['POST', 'sys/auth/', (_, rest) => this.enableAuth(rest)],
      ['POST', 'auth/aws/config/client', () => this.configureAws(request)],
      ['POST', 'auth/aws/role/', (_, rest) => this.putAwsRole(request, rest)],
      ['POST', 'auth/token/renew-self', () => ok({ auth: this.tokens.renew(request.token ?? '') })],
      ['POST', 'auth/token/revoke', () => this.revoke(request)],
      ['POST', 'sys/leases/renew', () => this.renewLease(request)],
      ['POST', 'sys/leases/revoke', () => this.revokeLease(request)],
      ['POST', 'sys/policies/acl/', (_, rest) => this.putPolicy(request, rest)],
      ['POST', 'sys/mounts/', (_, rest) => this.putMount(request, rest)],
      ['POST', 'auth/approle/role/', (_, rest) => this.role(request, rest)],
      ['GET', 'auth/approle/role/', (_, rest) => this.role(request, rest)],
      ['POST', 'sys/seal', () => this.seal()],
      ['POST', 'sys/unseal', () => ({ status: 200, body: { sealed: false } })],
      ['POST', 'sys/quotas/rate-limit/', (_, rest) => this.putQuota(request, rest)],
      ['DELETE', 'sys/quotas/rate-limit/', (_, rest) => this.deleteQuota(rest)],
    ];
    const route = routes.find(([verb, prefix]) => verb === method && path.startsWith(prefix));
    if (route === undefined) return this.atMount(request);
    // These check themselves whether the token has access below the mount.
    if (!path.startsWith('sys/internal/')) this.allow(request, method === 'GET' ? 'read' : 'update');
    return route[2](request, path.slice(route[1].length));
  }

  /** "403: Forbidden, your authentication details are either incorrect, you don't have access to this feature". */
  private allow({ token, path }: ServiceRequest, capability: string): void {
    const allowed = this.policies.of(this.tokens.policiesOf(token) ?? [], path);
    if (!allowed.includes('root') && !allowed.includes(capability)) {
      throw new VaultError(403, '1 error occurred:\n\t* permission denied\n\n');
    }
  }

  private logIn({ body }: ServiceRequest): ServiceReply {
    return ok({ auth: this.tokens.logIn(body) });
  }

  /** "Wrapping lookup" needs no token. */
  private lookUpWrapped({ body }: ServiceRequest): ServiceReply {
    return ok({ data: this.tokens.lookUpWrapped(body['token']) });
  }

  /** The token to unwrap may be the client token. */
  private unwrap({ token, body }: ServiceRequest): ServiceReply {
    const wrapping = body['token'] ?? token;
    if (wrapping === undefined) throw new VaultError(400, NOT_WRAPPED);
    return ok({ data: this.tokens.unwrap(wrapping) });
  }

  private configureAws({ body }: ServiceRequest): ServiceReply {
    this.aws.configure(body);
    return { status: 204 };
  }

  private putAwsRole({ body }: ServiceRequest, name: string): ServiceReply {
    this.aws.putRole(name, body);
    return { status: 204 };
  }

  private revoke({ body }: ServiceRequest): ServiceReply {
    this.tokens.revoke(String(body['token']));
    return { status: 204 };
  }

  private seal(): ServiceReply {
    this.isSealed = true;
    return { status: 204 };
  }

  private putPolicy({ body }: ServiceRequest, name: string): ServiceReply {
    this.policies.put(name, String(body['policy']));
    return { status: 204 };
  }

  private putMount({ body }: ServiceRequest, path: string): ServiceReply {
    if (body['type'] === 'aws') {
      this.awsMounts.set(`${path}/`, new AwsEngine(`${path}/`, this.tokens, this.now));
      return { status: 204 };
    }
    const { version } = (body['options'] ?? {}) as { version?: string };
    this.mount(`${path}/`, version === '2' ? '2' : '1');
    return { status: 204 };
  }

  private role(request: ServiceRequest, rest: string): ServiceReply {
    const [name = '', part, action] = rest.split('/');
    if (action === 'lookup') {
      const data = this.tokens.lookUpSecretId(name, request.body['secret_id']);
      return data === undefined ? { status: 204 } : ok({ data });
    }
    if (action === 'destroy') this.tokens.destroySecretId(request.body['secret_id']);
    else if (part === undefined) this.tokens.putRole(name, request.body);
    else if (part === 'role-id') return ok({ data: { role_id: this.tokens.roleId(name) } });
    else if (part === 'secret-id') {
      const data = this.tokens.newSecretId(name);
      const { wrapSeconds, path } = request;
      if (wrapSeconds === undefined) return ok({ data });
      return ok({ data: null, wrap_info: this.tokens.wrap(path, data, wrapSeconds) });
    }
    return { status: 204 };
  }

  private capabilities({ token, body }: ServiceRequest): ServiceReply {
    const policies = this.tokens.policiesOf(token) ?? [];
    const paths = (body['paths'] ?? []) as readonly string[];
    const data = Object.fromEntries(paths.map((path) => [path, this.policies.of(policies, path)]));
    return { status: 200, body: { ...envelope({ data }), ...data } };
  }

  /** https://developer.hashicorp.com/vault/api-docs/system/internal-ui-mounts */
  private findMount({ token }: ServiceRequest, path: string): ServiceReply {
    const mount = this.mountOf(path);
    if (mount === undefined || !this.policies.reaches(this.tokens.policiesOf(token) ?? [], mount.path)) {
      const message = `preflight capability check returned 403, please ensure client's policies grant access to path "${path}/"`;
      throw new VaultError(403, message);
    }
    return ok({ data: { type: 'kv', path: mount.path, options: { version: mount.version } } });
  }

  private renewLease({ body }: ServiceRequest): ServiceReply {
    for (const engine of this.awsMounts.values()) {
      const renewed = engine.renew(String(body['lease_id']));
      if (renewed !== undefined) return ok(renewed);
    }
    throw new VaultError(400, 'lease not found');
  }

  private revokeLease({ body }: ServiceRequest): ServiceReply {
    for (const engine of this.awsMounts.values()) engine.revoke(String(body['lease_id']));
    return { status: 204 };
  }

  /** Undefined: the path is of no aws engine. */
  private atAwsMount(request: ServiceRequest): ServiceReply | undefined {
    const { method, path, body, token = '' } = request;
    const mount = [...this.awsMounts.keys()].find((each) => path.startsWith(each));
    const engine = mount === undefined ? undefined : this.awsMounts.get(mount);
    if (mount === undefined || engine === undefined) return undefined;
    this.allow(request, method === 'GET' ? 'read' : 'update');
    const [part = '', name = ''] = path.slice(mount.length).split('/');
    if (method === 'GET' && (part === 'creds' || part === 'sts')) return ok(engine.take(part, name, token));
    if (method === 'POST' && part === 'config') engine.configure(name, body);
    else if (method === 'POST' && part === 'roles') engine.putRole(name, body);
    else throw new VaultError(404, '1 error occurred:\n\t* unsupported path\n\n');
    return { status: 204 };
  }

  private atMount(request: ServiceRequest): ServiceReply {
    const aws = this.atAwsMount(request);
    if (aws !== undefined) return aws;
    const { method, path, body } = request;
    const mount = this.mountOf(path);
    const [part = '', ...rest] = path.slice(mount?.path.length ?? 0).split('/');
    const key = rest.join('/');
    const exists = mount?.engine.metadata(key) !== undefined;
    // "GET with ?list=true" is LIST (HTTP API, "API operations").
    const isList = request.query.get('list') === 'true';
    const capability =
      { GET: isList ? 'list' : 'read', PATCH: 'patch', DELETE: 'delete' }[method] ??
      (exists || part === 'config' ? 'update' : 'create');
    this.allow(request, capability);
    if (mount === undefined) {
      throw new VaultError(404, `no handler for route "${path}". route entry not found.`);
    }
    const { engine } = mount;
    if (mount.version === '1') throw new VaultError(404);
    switch (`${method} ${part}`) {
      case 'GET config':
        return ok({ data: engine.config });
      case 'POST config':
        engine.configure(body);
        return { status: 204 };
      case 'GET data': {
        const found = engine.read(key, Number(request.query.get('version') ?? 0));
        if (found === undefined) throw new VaultError(404);
        return { status: found.status, body: envelope({ data: found.data }) };
      }
      case 'POST data':
        return ok({ data: engine.write(key, body) });
      case 'DELETE data':
        engine.deleteLatest(key);
        return { status: 204 };
      case 'POST destroy':
        engine.destroy(key, body['versions'] as readonly number[]);
        return { status: 204 };
      case 'POST undelete':
        engine.undelete(key, body['versions'] as readonly number[]);
        return { status: 204 };
      case 'GET metadata': {
        const data = engine.metadata(key);
        if (data === undefined) throw new VaultError(404);
        return ok({ data });
      }
      case 'POST metadata':
        engine.putMetadata(key, body);
        return { status: 204 };
      case 'DELETE metadata':
        engine.deleteMetadata(key);
        return { status: 204 };
      default:
        throw new VaultError(405, 'unsupported operation');
    }
  }

  private mount(path: string, version: Mount['version']): void {
    this.mounts.set(path, { path, version, engine: new KvEngine(this.now) });
  }

  private mountOf(path: string): Mount | undefined {
    return [...this.mounts.values()].find((each) => `${path}/`.startsWith(each.path));
  }
}

/** Calls that need no token. */
const OPEN: Readonly<Record<string, 'logIn' | 'lookUpWrapped' | 'unwrap' | undefined>> = {
  'POST auth/approle/login': 'logIn',
  'POST sys/wrapping/lookup': 'lookUpWrapped',
  'POST sys/wrapping/unwrap': 'unwrap',
};

const envelope = (members: object): object => ({
  request_id: '00000000-0000-0000-0000-000000000000',
  lease_id: '',
  renewable: false,
  lease_duration: 0,
  data: null,
  wrap_info: null,
  warnings: null,
  auth: null,
  ...members,
});

const ok = (members: object): ServiceReply => ({ status: 200, body: envelope(members) });
