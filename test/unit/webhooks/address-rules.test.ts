import { describe, expect, it } from 'vitest';
import { whyHostRefused, whyRefused } from '../../../src/webhooks/address-rules.ts';
import { lookupAllowed } from '../../../src/webhooks/http-sender.ts';

const hostOf = (url: string): string => new URL(url).hostname;

describe('an address', () => {
  it.each([
    ['0.0.0.0', 'unspecified'],
    ['0.1.2.3', 'unspecified'],
    ['127.0.0.1', 'loopback'],
    ['127.255.255.254', 'loopback'],
    ['169.254.169.254', 'link-local'],
    ['100.100.100.200', 'metadata'],
    ['224.0.0.1', 'multicast'],
    ['239.255.255.255', 'multicast'],
    ['255.255.255.255', 'reserved'],
    ['::', 'unspecified'],
    ['::1', 'loopback'],
    ['fe80::1', 'link-local'],
    ['fe80::1%eth0', 'link-local'],
    ['febf::1', 'link-local'],
    ['ff02::1', 'multicast'],
    ['fd00:ec2::254', 'metadata'],
    ['fd20:ce::254', 'metadata'],
    ['::ffff:127.0.0.1', 'loopback'],
    ['::ffff:7f00:1', 'loopback'],
    ['0:0:0:0:0:ffff:a9fe:a9fe', 'link-local'],
    ['::ffff:0.0.0.0', 'unspecified'],
    ['::ffff:224.0.0.1', 'multicast'],
    ['::ffff:0:127.0.0.1', 'loopback'],
    ['::127.0.0.1', 'loopback'],
    ['64:ff9b::169.254.169.254', 'link-local'],
    ['64:ff9b::7f00:1', 'loopback'],
    ['64:ff9b:1::1', 'local NAT64'],
    ['2002:7f00:1::', '6to4'],
    ['2001:0:1::1', 'Teredo'],
  ])('%s is refused as %s', (address, what) => {
    expect(whyRefused(address)).toContain(what);
  });

  it.each([
    '192.0.2.1',
    '10.0.0.1',
    '172.16.0.1',
    '192.168.1.1',
    '128.0.0.1',
    '126.255.255.255',
    '169.253.1.1',
    '100.100.100.201',
    '223.255.255.255',
    '2001:db8::1',
    '2a00:1450:4001::8a',
    'fd00::1',
    '::ffff:192.0.2.1',
    '64:ff9b::192.0.2.1',
  ])('%s is allowed', (address) => {
    expect(whyRefused(address)).toBeUndefined();
  });
});

describe('the host of a URL', () => {
  it.each([
    'http://127.1/',
    'http://2130706433/',
    'http://0x7f.0.0.1/',
    'http://0177.0.0.1/',
    'http://0/',
    'http://[::ffff:127.0.0.1]/',
    'http://[0:0:0:0:0:0:0:1]:8477/',
    'http://169.254.169.254/latest/meta-data',
    'http://localhost/',
    'http://LOCALHOST./',
    'http://receiver.localhost/',
    'http://①②⑦.0.0.1/',
  ])('%s is refused', (url) => {
    expect(whyHostRefused(hostOf(url))).toBeDefined();
  });

  it.each(['https://receiver.example/', 'http://192.0.2.1:8080/', 'https://[2001:db8::1]/', 'https://notlocalhost/'])(
    '%s is allowed',
    (url) => {
      expect(whyHostRefused(hostOf(url))).toBeUndefined();
    },
  );
});

describe('a name', () => {
  const lookUp = (name: string, all: boolean): Promise<Error | null> =>
    new Promise((resolve) => {
      lookupAllowed(name, { all }, (error) => {
        resolve(error);
      });
    });

  it.each([true, false])('that resolves to local addresses only is not connected to (all: %s)', async (all) => {
    const error = await lookUp('localhost', all);
    expect(error?.message).toMatch(/^localhost is (127\.0\.0\.1|::1), a loopback address, which is not allowed here$/);
  });
});
