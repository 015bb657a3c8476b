import { describe, expect, it } from 'vitest';
import { parseExpectationLine } from '../../../src/kernel/expectations/expectation-line.ts';

const parse = (line: string) => parseExpectationLine(line) ?? expect.fail(`not parsed: ${line}`);

describe('a line of nf_conntrack_expect', () => {
  it('has the tuple, the timeout, the helper and the name of its class', () => {
    expect(parse('179 l3proto = 2 proto=17 src=10.0.0.8 dst=10.0.0.5 sport=0 dport=5060 PERMANENT sip/signalling')).toEqual({
      id: '04110a0000080a000005000013c4030000',
      family: 'ipv4',
      protocol: 'udp',
      protocolNumber: 17,
      timeoutSeconds: 179,
      tuple: { source: '10.0.0.8', destination: '10.0.0.5', sourcePort: 0, destinationPort: 5_060 },
      flags: ['PERMANENT'],
      helper: 'sip',
      className: 'signalling',
    });
  });

  it('has IPv6 addresses in their canonical form', () => {
    const line = '299 l3proto = 10 proto=6 src=2001:0db8:0000:0000:0000:0000:0000:0002 dst=2001:0db8::1 sport=0 dport=5282 ftp';
    expect(parse(line)).toMatchObject({ family: 'ipv6', tuple: { source: '2001:db8::2', destination: '2001:db8::1' }, helper: 'ftp' });
  });

  it.each([
    ['PERMANENT', ['PERMANENT'], undefined],
    ['INACTIVE', ['INACTIVE'], undefined],
    ['PERMANENT,INACTIVE Q.931', ['PERMANENT', 'INACTIVE'], 'Q.931'],
    ['PERMANENT,INACTIVE,USERSPACE rpc', ['PERMANENT', 'INACTIVE', 'USERSPACE'], 'rpc'],
    ['', [], undefined],
    ['ftp-2121', [], 'ftp-2121'],
    ['two words', [], 'two words'],
  ])('has flags and helper of "%s"', (text, flags, helper) => {
    const { flags: found, helper: name } = parse(`5 l3proto = 2 proto=6 src=10.0.0.1 dst=10.0.0.2 sport=0 dport=9 ${text}`);
    expect([found, name]).toEqual([flags, helper]);
  });

  it('has no ports for a protocol without ports, and GRE keys for GRE', () => {
    expect(parse('5 l3proto = 2 proto=99 src=10.0.0.1 dst=10.0.0.2 h').tuple).toEqual({ source: '10.0.0.1', destination: '10.0.0.2' });
    expect(parse('5 l3proto = 2 proto=47 src=10.0.0.1 dst=10.0.0.2 srckey=0x0 dstkey=0x11 pptp').tuple).toMatchObject({
      sourceKey: 0,
      destinationKey: 17,
    });
  });
});

describe('a line of a legacy kernel', () => {
  it('has no layer 3 protocol and may have no timeout', () => {
    expect(parse('- proto=6 src=192.0.2.10 dst=10.0.0.5 sport=0 dport=40001 ')).toEqual({
      id: '0406c000020a0a00000500009c41030000',
      family: 'ipv4',
      protocol: 'tcp',
      protocolNumber: 6,
      tuple: { source: '192.0.2.10', destination: '10.0.0.5', sourcePort: 0, destinationPort: 40_001 },
      flags: [],
    });
  });

  it('is the same behind the entries of Linux 2.4', () => {
    const tail = 'proto=6 src=192.0.2.10 dst=10.0.0.5 sport=0 dport=40001 ';
    expect(parse(`EXPECTING: - use=1 ${tail}`)).toEqual(parse(`- ${tail}`));
    expect(parse(`EXPECTING: 297 use=2 ${tail}`)).toEqual(parse(`297 ${tail}`));
  });
});

describe('a malformed line', () => {
  it.each([
    'ftp',
    '297 proto=6 src=192.0.2.10 sport=0 dport=40001',
    '297 proto=256 src=192.0.2.10 dst=10.0.0.5 sport=0 dport=1',
    '297 proto=6 src=192.0.2.10 dst=10.0.0.5 sport=0 dport=70000',
    '297 l3proto = 10 proto=6 src=192.0.2.10 dst=10.0.0.5 sport=0 dport=1 ftp',
    '297 l3proto = 7 proto=6 src=192.0.2.10 dst=10.0.0.5 sport=0 dport=1 ftp',
    '297 proto=6 src=1.1.1.1 dst=1.1.1.2 src=1.1.1.3 dst=1.1.1.4',
    'tcp 6 10 ESTABLISHED src=1.1.1.1 dst=1.1.1.2',
  ])('is refused: %s', (line) => {
    expect(parseExpectationLine(line)).toBeUndefined();
  });
});
