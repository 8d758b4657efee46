import { engines, version } from '../../package.json';
import { EXIT } from '../io/cli-error';
import { getUnsigned, type Asking } from './check-endpoint';
import type { Finding } from './finding';

/** The versions of the command, of Node, and of the local server: a deployment does not tell its own. */
export async function checkVersions(nodeVersion: string, server: Asking | undefined): Promise<Finding> {
  const theirs = server?.connection.isLocal === true ? await serverVersion(server) : undefined;
  const detail = [
    `keyward ${version}`,
    `Node ${nodeVersion}`,
    ...(theirs === undefined ? [] : [`server ${theirs}`]),
  ].join(', ');
  if (!isSufficient(nodeVersion)) {
    const remedy = `install Node ${engines.node}`;
    return { check: 'versions', status: 'fail', detail, remedy, exitCode: EXIT.usage };
  }
  return theirs === undefined || theirs === version
    ? { check: 'versions', status: 'ok', detail }
    : {
        check: 'versions',
        status: 'warn',
        detail,
        remedy: 'restart the local server from the same checkout',
      };
}

async function serverVersion(server: Asking): Promise<string | undefined> {
  const text = await getUnsigned(server, '/openapi.json').then(
    (reply) => reply.text,
    () => undefined,
  );
  // The document is deeper than other strictly read JSON, and only one member of it is needed.
  return /"info":\s*\{[^}]*?"version":\s*"([0-9A-Za-z.+-]{1,64})"/.exec(text ?? '')?.[1];
}

/** @param nodeVersion as `process.version` */
function isSufficient(nodeVersion: string): boolean {
  const parts = (text: string): number[] => (text.match(/[0-9]+/g) ?? []).map(Number);
  const [major = 0, minor = 0] = parts(nodeVersion);
  const [leastMajor = 0, leastMinor = 0] = parts(engines.node);
  return major > leastMajor || (major === leastMajor && minor >= leastMinor);
}
