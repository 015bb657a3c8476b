import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MODERN_LAYOUT } from '../../../src/boot-files/modern-layout.ts';
import { renderOwnFile } from '../../../src/boot-files/own-file.ts';
import type { FileContents } from '../../../src/boot-files/boot-layout.ts';

const SYSCTL = '/etc/sysctl.d/99-zz-conntrack-api.conf';
const MODPROBE = '/etc/modprobe.d/conntrack-api.conf';
const MODULES_LOAD = '/etc/modules-load.d/conntrack-api.conf';

const plan = (files: FileContents, values: Record<string, number>): FileContents => MODERN_LAYOUT.plan(files, values);

describe('the three files', () => {
  it('hold buckets before max, the rest sorted, the size for modprobe and the module', () => {
    const header =
      '# Written by conntrack-api: change the values through its API.\n' +
      '# Edits by hand are detected: it refuses to write while this file holds a line that it does not know.\n';
    expect(plan({}, { udp_timeout: 30, max: 131072, acct: 1, buckets: 32768 })).toEqual({
      [MODULES_LOAD]: `${header}nf_conntrack\n`,
      [SYSCTL]:
        `${header}net.netfilter.nf_conntrack_buckets = 32768\nnet.netfilter.nf_conntrack_max = 131072\n` +
        'net.netfilter.nf_conntrack_acct = 1\nnet.netfilter.nf_conntrack_udp_timeout = 30\n',
      [MODPROBE]: `${header}options nf_conntrack hashsize=32768\n`,
    });
  });

  it('leave modprobe out while buckets is not persisted', () => {
    expect(Object.keys(plan({}, { udp_timeout: 30 }))).toEqual([MODULES_LOAD, SYSCTL]);
  });

  it('are not made for nothing', () => {
    expect(plan({}, {})).toEqual({});
  });

  it('keep what was persisted before, for any two sets of values', () => {
    fc.assert(
      fc.property(anyValues, anyValues, (first, second) => {
        const files = plan(plan({}, first), second);
        expect(MODERN_LAYOUT.persisted(files)).toEqual({ ...first, ...second });
      }),
    );
  });

  it('are left as they are when they ask for the values already, even where an editor moved the blanks', () => {
    const written = plan({}, { max: 8, buckets: 4 });
    const files = {
      ...written,
      [MODPROBE]: `${written[MODPROBE] ?? ''}\r\n`,
      [SYSCTL]: renderOwnFile(['', 'net.netfilter.nf_conntrack_max=8 ', 'net.netfilter.nf_conntrack_buckets=4']).replaceAll('\n', '\r\n'),
    };
    expect(plan(files, { max: 8, buckets: 4 })).toEqual(files);
  });
});

describe('a file of our name', () => {
  it.each([SYSCTL, MODPROBE, MODULES_LOAD])('that we did not write is refused: %s', (path) => {
    const files = { [path]: `# local\n${renderOwnFile([])}` };
    expect(() => plan(files, { acct: 1 })).toThrow(
      expect.objectContaining({ code: 'BOOT_FILE_FOREIGN', message: expect.stringContaining(path) as string }),
    );
  });

  it.each([
    [SYSCTL, 'net.ipv4.ip_forward = 1'],
    [SYSCTL, 'net.nf_conntrack_max = 5'],
    [SYSCTL, 'net.netfilter.nf_conntrack_max = 010'],
    [SYSCTL, '# raised for the sale'],
    [MODPROBE, 'options nf_conntrack hashsize=8 expect_hashsize=1'],
    [MODULES_LOAD, 'br_netfilter'],
  ])('is refused while it holds what rewriting would lose: %s %s', (path, line) => {
    expect(() => plan({ [path]: renderOwnFile([line]) }, { acct: 1 })).toThrow(
      expect.objectContaining({ code: 'BOOT_FILE_FOREIGN', message: expect.stringContaining(line) as string }),
    );
  });

  it('persists nothing of ours when it is not ours', () => {
    expect(MODERN_LAYOUT.persisted({ [SYSCTL]: 'net.netfilter.nf_conntrack_max = 5\n' })).toEqual({});
  });

  it('persists the last of two lines for a setting that a hand has added', () => {
    const lines = ['net.netfilter.nf_conntrack_max = 5', 'net.netfilter.nf_conntrack_max = 6', 'net.ipv4.ip_forward = 1'];
    expect(MODERN_LAYOUT.persisted({ [SYSCTL]: renderOwnFile(lines) })).toEqual({ max: 6 });
  });
});

const anyTable = fc.record({ max: fc.nat(), buckets: fc.integer({ min: 1 }) });
const anyOthers = fc.dictionary(fc.constantFrom('acct', 'udp_timeout', 'tcp_timeout_established'), fc.integer({ min: -1 }), {
  noNullPrototype: true,
});
const anyValues = fc.tuple(fc.oneof(anyTable, fc.constant({})), anyOthers).map(([table, others]) => ({ ...table, ...others }));
