import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { usageError } from '../io/cli-error';
import { systemCode } from '../io/system-code';
import type { Environment } from './connection';

const CERTIFICATE = /-----BEGIN (?:X509 )?CERTIFICATE-----[^-]*-----END (?:X509 )?CERTIFICATE-----/g;

/**
 * The authorities that sign certificates: those of `AWS_CA_BUNDLE` in place of Node's own, as AWS's tools have it (AWS SDKs and
 * Tools Reference Guide, "General configuration", `ca_bundle`), with those of `NODE_EXTRA_CA_CERTS`, which are meant to be added to
 * whatever there is.
 *
 * @returns certificates in PEM; undefined where `AWS_CA_BUNDLE` is not set, and Node's own are right, to which it adds the others
 * @throws CliError which names the variable and the file, where it cannot be read or holds no certificates
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
