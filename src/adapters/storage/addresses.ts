import { BlockList, isIP } from 'node:net';

/**
 * Addresses of IPv4 that aren't on the public internet: the special-purpose registry of IANA (RFC 6890), multicast, and
 * the addresses at which clouds give out a machine's credentials.
 */
const NOT_PUBLIC_4: readonly (readonly [network: string, prefix: number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  // Azure’s own services for a machine
  ['168.63.129.16', 32],
];
/** Only this network of IPv6 is on the public internet … */
const PUBLIC_6 = ['2000::', 3] as const;
/** … except for tunnels, which contain an address of IPv4, and documentation. */
const NOT_PUBLIC_6: readonly (readonly [network: string, prefix: number])[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
];
/** What no server of costs has, even where private addresses are allowed: a machine gets its credentials there. */
const METADATA_4: readonly (readonly [network: string, prefix: number])[] = [
  ['169.254.0.0', 16],
  ['168.63.129.16', 32],
  ['100.100.100.200', 32],
];
const METADATA_6: readonly (readonly [network: string, prefix: number])[] = [
  ['fd00:ec2::254', 128],
  ['fe80::', 10],
];

const notPublic = listOf(NOT_PUBLIC_4, NOT_PUBLIC_6);
const public6 = listOf([], [PUBLIC_6]);
const metadata = listOf(METADATA_4, METADATA_6);

/**
 * Whether a source may be at an IP address.
 *
 * @param allowsPrivate whether it may be in a private network, or on this machine
 */
export function isAllowedAddress(address: string, allowsPrivate: boolean): boolean {
  const bare = address.replace(/^\[|\]$|%.*$/g, '');
  const family = isIP(bare);
  if (family === 0) return false;
  if (family === 4) return allowsPrivate ? !metadata.check(bare, 'ipv4') : !notPublic.check(bare, 'ipv4');
  // lists compare addresses of IPv4 that are written as IPv6 (::ffff:127.0.0.1) with those of IPv4
  if (allowsPrivate) return !metadata.check(bare, 'ipv6');
  return public6.check(bare, 'ipv6') && !notPublic.check(bare, 'ipv6');
}

function listOf(four: readonly (readonly [string, number])[], six: readonly (readonly [string, number])[]): BlockList {
  const list = new BlockList();
  for (const [network, prefix] of four) list.addSubnet(network, prefix, 'ipv4');
  for (const [network, prefix] of six) list.addSubnet(network, prefix, 'ipv6');
  return list;
}
