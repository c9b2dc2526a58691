import { describe, expect, it } from '@jest/globals';
import { isAllowedAddress } from '../../../src/adapters/storage/addresses.ts';

const PUBLIC = [
  '8.8.8.8',
  '1.1.1.1',
  '172.15.255.255',
  '172.32.0.1',
  '100.63.0.1',
  '100.128.0.1',
  '2606:4700::1111',
  '2a00:1450::1',
];
const PRIVATE = [
  ...[
    '127.0.0.1',
    '127.255.255.254',
    '0.0.0.0',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '100.64.0.1',
  ],
  ...['192.0.2.1', '198.18.0.1', '198.51.100.7', '203.0.113.9', '224.0.0.1', '255.255.255.255', '192.0.0.8'],
  ...['::1', '::', 'fc00::1', 'fd12::1', 'ff02::1', '2001:db8::1', '64:ff9b::7f00:1', '2002:7f00:1::', '2001:0:1::'],
  ...['::ffff:127.0.0.1', '::ffff:10.0.0.1', '::ffff:7f00:1', '::127.0.0.1', '::ffff:8.8.8.8', '[::1]', '::1%lo'],
];
const METADATA = [
  '169.254.169.254',
  '169.254.170.2',
  '168.63.129.16',
  'fd00:ec2::254',
  'fe80::1',
  'fe80::1%eth0',
  '::ffff:169.254.169.254',
];

describe('addresses of sources', () => {
  it('are public ones', () => {
    expect(PUBLIC.filter((address) => !isAllowedAddress(address, false))).toEqual([]);
    expect([...PRIVATE, ...METADATA].filter((address) => isAllowedAddress(address, false))).toEqual([]);
  });

  it('may be private if that is allowed, but never give out a machine’s credentials', () => {
    expect(PRIVATE.filter((address) => !isAllowedAddress(address, true))).toEqual([]);
    expect(METADATA.filter((address) => isAllowedAddress(address, true))).toEqual([]);
  });

  it('are addresses', () => {
    expect(['', 'localhost', '1.2.3', '0x7f000001', '2130706433'].filter((one) => isAllowedAddress(one, true))).toEqual(
      [],
    );
  });
});
