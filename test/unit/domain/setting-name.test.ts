import { describe, expect, it } from 'vitest';
import { toSettingName, twoNamesOfOne } from '../../../src/domain/setting-name.ts';

describe('the name of a setting', () => {
  it.each([
    ['max', 'max'],
    ['nf_conntrack_max', 'max'],
    ['net.netfilter.nf_conntrack_max', 'max'],
    ['net/netfilter/nf_conntrack_max', 'max'],
    ['/proc/sys/net/netfilter/nf_conntrack_max', 'max'],
    ['net.nf_conntrack_max', 'max'],
    ['/proc/sys/net/nf_conntrack_max', 'max'],
    ['ip_conntrack_max', 'max'],
    ['net.ipv4.ip_conntrack_max', 'max'],
    ['net.ipv4.netfilter.ip_conntrack_max', 'max'],
    ['net/ipv4/netfilter/ip_conntrack_max', 'max'],
    ['nf_conntrack_buckets', 'buckets'],
    ['net.netfilter.nf_conntrack_buckets', 'buckets'],
    ['hashsize', 'buckets'],
    ['nf_conntrack_hashsize', 'buckets'],
    ['nf_conntrack.hashsize', 'buckets'],
    ['ip_conntrack.hashsize', 'buckets'],
    ['/sys/module/nf_conntrack/parameters/hashsize', 'buckets'],
    ['/sys/module/ip_conntrack/parameters/hashsize', 'buckets'],
    ['net.netfilter.nf_conntrack_tcp_timeout_established', 'tcp_timeout_established'],
    ['net.ipv4.netfilter.ip_conntrack_tcp_timeout_syn_sent', 'tcp_timeout_syn_sent'],
    ['net/netfilter/nf_conntrack_acct', 'acct'],
    ['nf_conntrack_frag6_high_thresh', 'frag6_high_thresh'],
  ])('%s is %s', (text, name) => {
    expect(toSettingName(text)).toBe(name);
  });

  it.each([
    'maxx',
    'MAX',
    'net.netfilter.max',
    'net.ipv4.nf_conntrack_max',
    'net.ipv4.netfilter.nf_conntrack_max',
    'net.nf_conntrack_acct',
    'net.ipv4.ip_conntrack_tcp_timeout_established',
    'net.core.somaxconn',
    'nf_conntrack_',
    'net.netfilter.nf_conntrack_max.x',
    ' nf_conntrack_max',
    'parameters.hashsize',
    '../../max',
    'constructor',
    '',
  ])('%j is no other name of a setting that a kernel has', (text) => {
    expect(['max', 'buckets', 'acct', 'tcp_timeout_established']).not.toContain(toSettingName(text));
  });

  it('is found twice under any two names', () => {
    expect(twoNamesOfOne(['acct', 'nf_conntrack_buckets', 'max', 'hashsize'])).toEqual(['nf_conntrack_buckets', 'hashsize', 'buckets']);
    expect(twoNamesOfOne(['acct', 'buckets', 'net.netfilter.nf_conntrack_max'])).toBeUndefined();
  });
});
