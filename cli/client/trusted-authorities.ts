import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { usageError } from '../io/cli-error';
import { systemCode } from '../io/system-code';
import type { Environment } from './connection';

const CERTIFICATE = /-----BEGIN (?:X509 )?CERTIFICATE-----[^-]*-----END (?:X509 )?CERTIFICATE-----/g;

/**
 * The certificate authorities: those of `AWS_CA_BUNDLE` instead of Node's own, as in AWS's tools (AWS SDKs and Tools Reference
 * Guide, "General configuration", `ca_bundle`), and those of `NODE_EXTRA_CA_CERTS` in addition.
 *
 * @returns certificates in PEM; undefined if `AWS_CA_BUNDLE` is not set: Node then uses its own and adds the others
 * @throws CliError which names the variable and the file, if it cannot be read or has no certificates
 */
export function trustedAuthorities(env: Environment): readonly string[] | undefined {
  const bundle = env['AWS_CA_BUNDLE'];
  if (!bundle) return undefined;
  const extra = env['NODE_EXTRA_CA_CERTS'];
  return [...certificatesOf('AWS_CA_BUNDLE', bundle), ...(extra ? certificatesOf('NODE_EXTRA_CA_CERTS', extra) : [])];
}

function certificatesOf(variable: string, path: string): readonly string[] {
  let text: string;
  try {
    text = readFileSync(path, 'latin1');
  } catch (thrown) {
    const code = systemCode(thrown);
    throw usageError(
      `the file that ${variable} names, ${path}, ${code === 'ENOENT' ? 'is missing' : `cannot be read (${code})`}`,
    );
  }
  const found = text.match(CERTIFICATE) ?? [];
  if (found.length === 0 || !found.every(isCertificate)) {
    throw usageError(
      `the file that ${variable} names, ${path}, ${found.length === 0 ? 'holds no certificate in PEM' : 'holds a certificate that is damaged'}`,
    );
  }
  return found;
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).serialNumber !== '';
  } catch {
    return false;
  }
}
