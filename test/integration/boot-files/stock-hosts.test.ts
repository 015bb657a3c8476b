import { describe, expect, it } from 'vitest';
import type { Boot } from '../../unit/domain/boot/boot-of.ts';
import { bootOfTree, LOAD, SYSCTL_MAX } from './boot-of-tree.ts';
import { STOCK_HOSTS, type StockHost } from './stock-files.ts';

const bootOf = ({ files, ...host }: StockHost, more: Readonly<Record<string, string>> = {}): Promise<Boot> =>
  bootOfTree({ ...files, ...more }, host);

const isFalse = ({ findings = [] }: StockHost, preview: Boot): readonly string[] =>
  preview.codes.filter((code) => !findings.includes(code));

describe.each(Object.entries(STOCK_HOSTS))('%s', (_, host) => {
  it('as installed has no finding', async () => {
    expect(isFalse(host, await bootOf(host))).toEqual([]);
  });

  it('keeps values in sysctl.d if the module is loaded at boot, without a finding', async () => {
    const preview = await bootOf(host, { ...SYSCTL_MAX, ...LOAD });
    expect(isFalse(host, preview)).toEqual([]);
    const { value } = preview.of('max');
    expect(value).toBe(host.findings === undefined ? 100_000 : undefined);
  });

  it(`reports values in sysctl.d alone as ${host.sysctlOnly}`, async () => {
    const preview = await bootOf(host, SYSCTL_MAX);
    const { value, origin } = preview.of('max');
    const isLost = preview.findings.some(
      ({ code, level, message }) => code === 'SYSCTL_LOST_MODULE_LATE' && level === 'error' && message.includes('are lost.'),
    );
    expect({ origin, isLost }).toEqual({
      origin: { kept: 'file', lost: 'kernel-default', unknown: 'unknown' }[host.sysctlOnly],
      isLost: host.sysctlOnly === 'lost',
    });
    if (host.sysctlOnly === 'kept') expect(value).toBe(100_000);
  });
});
