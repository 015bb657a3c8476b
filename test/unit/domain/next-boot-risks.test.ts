import { describe, expect, it } from 'vitest';
import type { BootKernel } from '../../../src/domain/boot/boot-input.ts';
import type { BootResult, BootSetting } from '../../../src/domain/boot/boot-result.ts';
import { unmetAtBoot, unmetRisk } from '../../../src/domain/risks/next-boot-risks.ts';

const FACTS = { layout: 'nf_conntrack', bucketQuantum: 512 } as const;
const KERNEL: BootKernel = {
  layout: 'nf_conntrack',
  builtIn: false,
  live: ['max', 'buckets'],
  bucketsPerPage: 512,
  bucketsWritable: true,
};

const boot = (setting: Partial<BootSetting> = {}, findings: BootResult['findings'] = []): BootResult => ({
  layout: 'nf_conntrack',
  loading: { builtIn: false, when: 'before-sysctl', sysctlBy: 'systemd' },
  settings: [{ name: 'buckets', origin: 'kernel-default', overridden: [], ...setting }],
  findings,
});
const riskOf = (preview: BootResult, kernel: Partial<BootKernel> = {}, isHelped = false) =>
  unmetAtBoot({ buckets: 1_000 }, preview, FACTS).map((unmet) => unmetRisk(unmet, preview, { ...KERNEL, ...kernel }, isHelped));

describe('persisting a value', () => {
  it('reports no risk if the boot ends at the value the kernel reports after the write', () => {
    expect(riskOf(boot({ value: 1_024, origin: 'file' }))).toEqual([]);
  });

  it('needs an acknowledgement if another line overrides it, and names file, line and value', () => {
    const effective = { path: '/etc/sysctl.d/zz.conf', line: 3, text: 'net.netfilter.nf_conntrack_buckets=8' };
    const [risk] = riskOf(boot({ value: 512, origin: 'file', effective }), {}, true);
    expect(risk).toMatchObject({ code: 'OVERRIDDEN_AT_BOOT', level: 'acknowledge', setting: 'buckets' });
    expect(risk?.message).toMatch(/zz\.conf, line 3, .*at 512\. With "persistLast"/);
  });

  it('needs an acknowledgement if the value is lost, and quotes the findings', () => {
    const finding = { code: 'SYSCTL_LOST_MODULE_LATE', level: 'warning', message: 'It is lost.', settings: [], lines: [] } as const;
    expect(riskOf(boot({}, [finding]))).toMatchObject([
      { code: 'LOST_AT_BOOT', message: expect.stringContaining('It is lost.') as string },
    ]);
  });

  it('needs an acknowledgement if the module does not load, even though the value is unknown', () => {
    const fails: BootResult = { ...boot({ origin: 'unknown' }), loading: { builtIn: false, when: 'fails', sysctlBy: 'systemd' } };
    expect(riskOf(fails)).toMatchObject([{ code: 'LOST_AT_BOOT', level: 'acknowledge' }]);
  });

  it('only warns if the value after the boot is unknown', () => {
    expect(riskOf(boot({ origin: 'unknown' }))).toMatchObject([{ code: 'BOOT_NOT_KNOWN', level: 'warning' }]);
  });

  it('names the exact argument if only the command line can size the table', () => {
    const [risk] = riskOf(boot({ value: 65_536 }), { builtIn: true, bucketsWritable: false });
    expect(risk).toMatchObject({ code: 'BUCKETS_NEED_COMMAND_LINE', level: 'acknowledge' });
    expect(risk?.message).toContain('Add nf_conntrack.hashsize=1024 to the kernel command line');
  });
});
