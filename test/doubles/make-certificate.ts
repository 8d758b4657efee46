import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';

/** A key and its certificate, in PEM, as `tls.createServer` takes them. */
export interface Certified {
  readonly key: string;
  readonly cert: string;
  readonly name: string;
  readonly privateKey: KeyObject;
}

export interface CertificateWanted {
  /** Common name of the subject. */
  readonly name: string;
  /** Host names of the certificate. */
  readonly hosts?: readonly string[];
  /** The issuer; default: the certificate itself. */
  readonly by?: Certified;
  readonly isAuthority?: boolean;
  readonly from?: Date;
  readonly to?: Date;
}

const DAY_MS = 86_400_000;

/** An X.509 certificate (RFC 5280 section 4.1) with a fresh P-256 key: made when a test needs it, none is stored. */
export function makeCertificate(wanted: CertificateWanted): Certified {
  const { name, hosts = [], by, isAuthority = false } = wanted;
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const from = wanted.from ?? new Date(Date.now() - DAY_MS);
  const to = wanted.to ?? new Date(Date.now() + DAY_MS);
  const extensions = [
    ...(isAuthority ? [extension('551d13', der(0x30, der(0x01, Buffer.from([0xff]))))] : []),
    ...(hosts.length > 0 ? [extension('551d11', der(0x30, ...hosts.map((host) => der(0x82, Buffer.from(host)))))] : []),
  ];
  const body = der(
    0x30,
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ECDSA_SHA256,
    distinguishedName(by?.name ?? name),
    der(0x30, time(from), time(to)),
    distinguishedName(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    ...(extensions.length > 0 ? [der(0xa3, der(0x30, ...extensions))] : []),
  );
  const signature = sign('sha256', body, by?.privateKey ?? privateKey);
  const whole = der(0x30, body, ECDSA_SHA256, der(0x03, Buffer.from([0]), signature));
  const lines = whole
    .toString('base64')
    .replaceAll(/(.{64})/g, '$1\n')
    .trimEnd();
  const cert = `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
  return { key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), cert, name, privateKey };
}

/** One value in DER (X.690 section 8.1): tag, length, contents. */
function der(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const identifier = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'));
const ECDSA_SHA256 = der(0x30, identifier('2a8648ce3d040302'));

const distinguishedName = (name: string): Buffer =>
  der(0x30, der(0x31, der(0x30, identifier('550403'), der(0x0c, Buffer.from(name)))));

const extension = (id: string, value: Buffer): Buffer => der(0x30, identifier(id), der(0x04, value));

/** As UTCTime, valid until 2049. */
const time = (date: Date): Buffer =>
  der(0x17, Buffer.from(`${date.toISOString().slice(2, 19).replaceAll(/[-:T]/g, '')}Z`));
