import { describe, expect, it } from 'vitest';
import { differencesAtBoot } from '../../../../src/domain/boot/compare/boot-differences.ts';
import type { BootSetting } from '../../../../src/domain/boot/boot-result.ts';
import { factsOf } from '../../../../src/domain/settings-catalogue.ts';

const differences = (
  live: Record<string, number | undefined>,
  boot: Record<string, number | undefined>,
  persisted: Record<string, number> = {},
) =>
  differencesAtBoot(
    {
      layout: 'nf_conntrack',
      settings: Object.entries(live).map(([name, value]) => ({
        ...factsOf(name),
        ...{ name, key: name, writable: true },
        ...(value !== undefined && { value }),
      })),
    },
    {
      layout: 'nf_conntrack',
      loading: { builtIn: false, when: 'before-sysctl', sysctlBy: 'systemd' },
      settings: Object.entries(boot).map(([name, value]): BootSetting => ({
        name,
        origin: 'file',
        overridden: [],
        ...(value !== undefined && { value }),
      })),
      findings: [],
    },
    persisted,
  );

describe('what a reboot would change', () => {
  it('is nothing if the live, boot and persisted values are equal, apart from the rounding of buckets', () => {
    expect(differences({ max: 8, buckets: 1_024 }, { max: 8, buckets: 1_024 }, { max: 8, buckets: 1_000 })).toEqual([]);
  });

  it('is a live value that the boot would not set', () => {
    expect(differences({ max: 8, acct: 1 }, { max: 9, acct: 1 })).toEqual([{ name: 'max', live: 8, atNextBoot: 9 }]);
  });

  it('is also a persisted value that the boot would not set, even if it is live', () => {
    expect(differences({ max: 9 }, { max: 9 }, { max: 8 })).toEqual([{ name: 'max', live: 9, persisted: 8, atNextBoot: 9 }]);
  });

  it('leaves out unknown values', () => {
    expect(differences({ max: 8, acct: undefined }, { max: undefined, acct: 1 })).toEqual([]);
  });
});
