import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MODERN_LAYOUT } from '../../../src/boot-files/modern-layout.ts';
import { MARK, renderOwnFile } from '../../../src/boot-files/own-file.ts';
import type { PersistOptions } from '../../../src/domain/persist-options.ts';
import type { FileContents } from '../../../src/boot-files/boot-layout.ts';

const SYSCTL = '/etc/sysctl.d/99-zz-conntrack-api.conf';
const MODPROBE = '/etc/modprobe.d/conntrack-api.conf';
const MODULES_LOAD = '/etc/modules-load.d/conntrack-api.conf';

const LATER = '/etc/sysctl.d/zzzz-conntrack-api.conf';
const TERMS: PersistOptions = { changeId: 7, builtIn: false, bucketsSysctl: true, last: false };

/** Only the files that exist. */
const present = (files: FileContents): FileContents => Object.fromEntries(Object.entries(files).filter(([, content]) => content !== null));
const plan = (files: FileContents, values: Record<string, number>, terms: Partial<PersistOptions> = {}): FileContents =>
  present(MODERN_LAYOUT.plan(files, values, { ...TERMS, ...terms }));
const unplan = (files: FileContents, ...names: string[]): FileContents =>
  present(MODERN_LAYOUT.unplan(files, Object.fromEntries(names.map((name) => [name, null])), TERMS));
const linesOf = (files: FileContents, path: string): string[] =>
  (files[path] ?? '').split('\n').filter((line) => line !== '' && !line.startsWith('#'));

describe('the three files', () => {
  it('contain buckets before max, the rest sorted, the size for modprobe, and the module', () => {
    const written = (body: string): string =>
      '# Written by conntrack-api: change the values through its API.\n' +
      `# Change 7; SHA-256 of the lines below: ${createHash('sha256').update(body).digest('hex')}\n${body}`;
    expect(plan({}, { udp_timeout: 30, max: 131072, acct: 1, buckets: 32768 })).toEqual({
      [MODULES_LOAD]: written('nf_conntrack\n'),
      [SYSCTL]: written(
        'net.netfilter.nf_conntrack_buckets = 32768\nnet.netfilter.nf_conntrack_max = 131072\n' +
          'net.netfilter.nf_conntrack_acct = 1\nnet.netfilter.nf_conntrack_udp_timeout = 30\n',
      ),
      [MODPROBE]: written('options nf_conntrack hashsize=32768\n'),
    });
  });

  it('are one if conntrack is built into the kernel, and existing others are kept up to date', () => {
    expect(Object.keys(plan({}, { max: 8, buckets: 4 }, { builtIn: true }))).toEqual([SYSCTL]);
    const updated = plan(plan({}, { max: 8, buckets: 4 }), { max: 16, buckets: 8 }, { builtIn: true });
    expect(linesOf(updated, MODPROBE)).toEqual(['options nf_conntrack hashsize=8']);
  });

  it('set the size only by the module parameter if the sysctl is read-only', () => {
    const files = plan({}, { max: 8, buckets: 4 }, { bucketsSysctl: false });
    expect(linesOf(files, SYSCTL)).toEqual(['net.netfilter.nf_conntrack_max = 8']);
    expect(linesOf(files, MODPROBE)).toEqual(['options nf_conntrack hashsize=4']);
    expect(MODERN_LAYOUT.persisted(files)).toEqual({ max: 8, buckets: 4 });
  });

  it('move all values to the name that sorts last, and keep that name', () => {
    const later = plan(plan({}, { acct: 1 }), { max: 8, buckets: 4 }, { last: true });
    expect(Object.keys(later).toSorted()).toEqual([MODPROBE, MODULES_LOAD, LATER].toSorted());
    expect(MODERN_LAYOUT.persisted(later)).toEqual({ acct: 1, max: 8, buckets: 4 });
    const again = plan(later, { acct: 0 });
    expect(MODERN_LAYOUT.persisted(again)).toEqual({ acct: 0, max: 8, buckets: 4 });
    expect(again[SYSCTL]).toBeUndefined();
  });

  it('use the last sysctl file if a kill left both', () => {
    const files = { ...plan({}, { acct: 0 }), ...plan({}, { acct: 1 }, { last: true }) };
    expect(MODERN_LAYOUT.persisted(files)).toEqual({ acct: 1 });
  });

  it('lose unpersisted values, and are removed when empty', () => {
    const files = plan({}, { max: 8, buckets: 4, acct: 1 });
    const rest = unplan(files, 'max', 'buckets');
    expect(MODERN_LAYOUT.persisted(rest)).toEqual({ acct: 1 });
    expect(Object.keys(rest).toSorted()).toEqual([MODULES_LOAD, SYSCTL].toSorted());
    expect(unplan(rest, 'acct')).toEqual({});
    expect(unplan({}, 'max')).toEqual({});
  });

  it('omit the modprobe file while buckets is not persisted', () => {
    expect(Object.keys(plan({}, { udp_timeout: 30 }))).toEqual([MODULES_LOAD, SYSCTL]);
  });

  it('are not created without values', () => {
    expect(plan({}, {})).toEqual({});
  });

  it('keep the values persisted before, for any two sets of values', () => {
    fc.assert(
      fc.property(anyValues, anyValues, (first, second) => {
        const files = plan(plan({}, first), second);
        expect(MODERN_LAYOUT.persisted(files)).toEqual({ ...first, ...second });
      }),
    );
  });

  it('stay unchanged if they already set the values, even with different blanks', () => {
    const written = plan({}, { max: 8, buckets: 4 });
    const files = {
      ...written,
      [MODPROBE]: `${written[MODPROBE] ?? ''}\r\n`,
      [SYSCTL]: renderOwnFile(['', 'net.netfilter.nf_conntrack_max=8 ', 'net.netfilter.nf_conntrack_buckets=4'], 7).replaceAll(
        '\n',
        '\r\n',
      ),
    };
    expect(plan(files, { max: 8, buckets: 4 })).toEqual(files);
  });
});

describe('a file with a name of this service', () => {
  it.each([SYSCTL, MODPROBE, MODULES_LOAD])('that this service did not write is refused: %s', (path) => {
    const files = { [path]: `# local\n${renderOwnFile([], 7)}` };
    expect(() => plan(files, { acct: 1 })).toThrow(
      expect.objectContaining({ code: 'BOOT_FILE_NOT_MANAGED', message: expect.stringContaining(path) as string }),
    );
  });

  it.each([
    [SYSCTL, 'net.ipv4.ip_forward = 1'],
    [SYSCTL, 'net.nf_conntrack_max = 5'],
    [SYSCTL, 'net.netfilter.nf_conntrack_max = 010'],
    [SYSCTL, '# raised for the sale'],
    [MODPROBE, 'options nf_conntrack hashsize=8 expect_hashsize=1'],
    [MODULES_LOAD, 'br_netfilter'],
  ])('is edited where it holds what we do not write, names it, and is written without it: %s %s', (path, line) => {
    const files = { [path]: renderOwnFile([line], 7) };
    expect(MODERN_LAYOUT.edited(files)).toEqual([{ path, unknownLines: [{ path, line: 3, text: line }] }]);
    const after = plan(files, { acct: 1, max: 8, buckets: 4 });
    expect(after[path]).not.toContain(line);
    expect(MODERN_LAYOUT.edited(after)).toEqual([]);
  });

  it('counts as edited if a value differs from the written one, and the new value is the persisted one', () => {
    const files = plan({}, { max: 8, buckets: 4 });
    const edited = { ...files, [SYSCTL]: (files[SYSCTL] ?? '').replace('max = 8', 'max = 9') };
    expect(MODERN_LAYOUT.edited(files)).toEqual([]);
    expect(MODERN_LAYOUT.edited(edited)).toEqual([{ path: SYSCTL, unknownLines: [] }]);
    expect(MODERN_LAYOUT.persisted(edited)).toMatchObject({ max: 9 });
  });

  it('that the first version wrote, without a digest, does not count as edited', () => {
    const old = '# Edits by hand are detected: it refuses to write while this file holds a line that it does not know.';
    const files = { [SYSCTL]: `${MARK}\n${old}\nnet.netfilter.nf_conntrack_max = 8\n` };
    expect(MODERN_LAYOUT.edited(files)).toEqual([]);
    expect(MODERN_LAYOUT.persisted(files)).toEqual({ max: 8 });
  });

  it('persists nothing if it is unmanaged', () => {
    expect(MODERN_LAYOUT.persisted({ [SYSCTL]: 'net.netfilter.nf_conntrack_max = 5\n' })).toEqual({});
  });

  it('persists the last of two lines for a setting if one was added manually', () => {
    const lines = ['net.netfilter.nf_conntrack_max = 5', 'net.netfilter.nf_conntrack_max = 6', 'net.ipv4.ip_forward = 1'];
    expect(MODERN_LAYOUT.persisted({ [SYSCTL]: renderOwnFile(lines, 7) })).toEqual({ max: 6 });
  });
});

const anyTable = fc.record({ max: fc.nat(), buckets: fc.integer({ min: 1 }) });
const anyOthers = fc.dictionary(fc.constantFrom('acct', 'udp_timeout', 'tcp_timeout_established'), fc.integer({ min: -1 }), {
  noNullPrototype: true,
});
const anyValues = fc.tuple(fc.oneof(anyTable, fc.constant({})), anyOthers).map(([table, others]) => ({ ...table, ...others }));
