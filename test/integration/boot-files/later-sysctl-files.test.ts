import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EtcBootFiles } from '../../../src/boot-files/etc-boot-files.ts';
import { copyKernelTree, type KernelTree } from '../../support/kernel-tree.ts';

let tree: KernelTree;
beforeEach(async () => {
  tree = await copyKernelTree('nf_conntrack');
});
afterEach(() => tree.remove());

const overriding = (): ReturnType<EtcBootFiles['overriding']> =>
  new EtcBootFiles(tree.root).overriding('nf_conntrack', { max: 100, buckets: 512 });

describe('lines that win over ours at boot', () => {
  it('are those of files sorting after ours that ask for another value, with file and line', async () => {
    await tree.write('usr/lib/sysctl.d/99-zzz-vendor.conf', '# later\n\n-net/netfilter/nf_conntrack_max = 7\n');
    expect(await overriding()).toEqual([{ setting: 'max', path: '/usr/lib/sysctl.d/99-zzz-vendor.conf', line: 3, value: '7' }]);
  });

  it('may use the alias of max', async () => {
    await tree.write('etc/sysctl.d/zz.conf', 'net.nf_conntrack_max=8\n');
    expect(await overriding()).toMatchObject([{ setting: 'max', value: '8' }]);
  });

  it('are not those of earlier files, other settings, comments, masked files or the same value', async () => {
    await tree.write('etc/sysctl.d/99-sysctl.conf', 'net.netfilter.nf_conntrack_max = 7\n');
    await tree.write(
      'etc/sysctl.d/zz.conf',
      '#net.netfilter.nf_conntrack_max = 7\nnet.netfilter.nf_conntrack_acct = 1\nnet.netfilter.nf_conntrack_max = 100\n',
    );
    await tree.write('run/sysctl.d/zy.conf', 'net.netfilter.nf_conntrack_buckets = 9\n');
    await symlink('/dev/null', join(tree.root, 'etc/sysctl.d/zy.conf'));
    expect(await overriding()).toEqual([]);
  });

  it('are named once per setting: the last of them', async () => {
    await tree.write('etc/sysctl.d/za.conf', 'net.netfilter.nf_conntrack_max = 7\n');
    await tree.write('etc/sysctl.d/zb.conf', 'net.netfilter.nf_conntrack_max = 9\n');
    expect(await overriding()).toMatchObject([{ path: '/etc/sysctl.d/zb.conf', value: '9' }]);
  });
});
