import { isIPv4, isIPv6 } from 'node:net';

const V4_BITS = 32;
const V6_BITS = 128;
const PREFIX = /^(?:[1-9][0-9]{0,2})$/;
/** IPv4-mapped IPv6 addresses: requests never come from one. */
const MAPPED = 0xffffn;

/**
 * Whether a text is a canonical address block: `192.0.2.0/24`, `2001:db8::/32` (RFC 5952), with a prefix length and without bits
 * after the prefix. `/0` is refused: it allows every address, like no list at all.
 */
export function isAddressBlock(text: string): boolean {
  const [address = '', prefix = '', ...more] = text.split('/');
  if (more.length > 0 || !PREFIX.test(prefix)) return false;
  const length = Number(prefix);
  if (isIPv4(address)) return length <= V4_BITS && !hasBitsBehind(numberOfV4(address), V4_BITS - length);
  if (!isIPv6(address) || length > V6_BITS || canonicalV6(address) !== address) return false;
  const number = numberOfV6(address);
  return number >> 32n !== MAPPED && !hasBitsBehind(number, V6_BITS - length);
}

const hasBitsBehind = (address: bigint, bits: number): boolean => (address & ((1n << BigInt(bits)) - 1n)) !== 0n;

const numberOfV4 = (address: string): bigint =>
  address.split('.').reduce((number, part) => (number << 8n) | BigInt(part), 0n);

/** The canonical form of the URL standard, which is RFC 5952 without a dotted end; it refuses zones. */
function canonicalV6(address: string): string | undefined {
  if (address.includes('%')) return undefined;
  return new URL(`http://[${address}]/`).hostname.slice(1, -1);
}

/** The number of a canonical address, which has only hexadecimal groups. */
function numberOfV6(address: string): bigint {
  const [head = [], tail = []] = address.split('::').map((side) => side.split(':').filter((group) => group !== ''));
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => '0');
  return [...head, ...zeros, ...tail].reduce((number, group) => (number << 16n) | BigInt(`0x${group}`), 0n);
}
