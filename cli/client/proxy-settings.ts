import { BlockList, isIP } from 'node:net';
import { usageError } from '../io/cli-error';
import { isLoopback, PROXY_VARIABLES, type Environment } from './connection';

/** A proxy, and the variable that names it. */
export interface ProxySetting {
  readonly variable: string;
  /** Its scheme is http or https. It may contain a user and password and must not be shown. */
  readonly url: URL;
}

/**
 * The proxy for requests with TLS. `HTTP_PROXY` is for plain http, which only goes to this machine.
 *
 * @throws CliError which names the variable, never its value
 */
export function proxySetting(env: Environment): ProxySetting | undefined {
  const variable = PROXY_VARIABLES.find((name) => Boolean(env[name]));
  if (variable === undefined) return undefined;
  const text = env[variable] ?? '';
  const given = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (url === undefined || url.hostname === '' || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw usageError(
      `${variable} must be a URL such as http://proxy.example.com:3128; proxies other than http and https cannot be used`,
    );
  }
  return { variable, url };
}

/**
 * Whether a host is called without the proxy: it is this machine, or `NO_PROXY` names it. An entry is `*`, a domain, which includes
 * its subdomains (`.example.com` and `*.example.com` are the same), an address, or a network such as `10.0.0.0/8`; each
 * but the last may have a port (curl's manual, "--noproxy"). Commas or white space separate them.
 */
export function goesDirectly(host: string, port: number, env: Environment): boolean {
  const name = bare(host);
  if (isLoopback(isIP(name) === 6 ? `[${name}]` : name)) return true;
  const entries = (env['no_proxy'] || env['NO_PROXY'] || '').split(/[\s,]+/).filter(Boolean);
  return entries.some((entry) => entry === '*' || covers(entry.toLowerCase(), name, port));
}

/** Without brackets, and without the final dot of a full name. */
const bare = (host: string): string =>
  host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '');

function covers(entry: string, name: string, port: number): boolean {
  if (entry.includes('/')) return isWithin(entry, name);
  // Several colons without brackets belong to an address.
  const [, host = entry, ofPort] = /^(\[[^\]]*\]|[^:]*):([0-9]+)$/.exec(entry) ?? [];
  if (ofPort !== undefined && Number(ofPort) !== port) return false;
  const wanted = bare(host).replace(/^\*?\./, '');
  const family = isIP(wanted);
  if (family !== 0) return isIP(name) === family && sameAddress(wanted, name, family);
  return wanted !== '' && (name === wanted || (isIP(name) === 0 && name.endsWith(`.${wanted}`)));
}

const FAMILIES = { 4: 'ipv4', 6: 'ipv6' } as const;

function sameAddress(wanted: string, name: string, family: number): boolean {
  const list = new BlockList();
  list.addAddress(wanted, FAMILIES[family as 4 | 6]);
  return list.check(name, FAMILIES[family as 4 | 6]);
}

function isWithin(network: string, name: string): boolean {
  const [, address = '', bits = ''] = /^\[?([^/\]]*)\]?\/([0-9]{1,3})$/.exec(network) ?? [];
  const family = isIP(address);
  if (family === 0 || isIP(name) !== family || Number(bits) > (family === 4 ? 32 : 128)) return false;
  const list = new BlockList();
  list.addSubnet(address, Number(bits), FAMILIES[family as 4 | 6]);
  return list.check(name, FAMILIES[family as 4 | 6]);
}
