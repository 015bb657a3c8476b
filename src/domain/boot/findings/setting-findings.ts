import { factsOf } from '../../settings-catalogue.ts';
import type { BootSetting } from '../boot-result.ts';
import type { Findings } from './finding-list.ts';
import { describe } from '../ledger.ts';

/** Findings about the values that the boot ends with. */
export function noteSettings(findings: Findings, settings: readonly BootSetting[]): void {
  for (const setting of settings) {
    noteOverridden(findings, setting);
    noteDerived(findings, setting);
    noteDangerous(findings, setting);
  }
}

function noteOverridden(findings: Findings, { name, value, effective, overridden }: BootSetting): void {
  if (effective === undefined) return;
  const different = overridden.filter(
    (other) => other.reason === 'overridden-by-later-line' && other.path !== effective.path && other.value !== value,
  );
  if (different.length === 0) return;
  const message = `${describe(effective)} is effective for ${name}: it overrides another value at ${different.map(describe).join(', ')}.`;
  findings.add('OVERRIDDEN', 'information', message, {
    settings: [name],
    lines: [effective, ...different.map(({ path, line, text }) => ({ path, line, text }))],
  });
}

function noteDerived(findings: Findings, { name, value, origin, effective }: BootSetting): void {
  if (name !== 'max' || origin !== 'derived' || value === undefined || effective === undefined) return;
  findings.add('HASHSIZE_SETS_MAX', 'warning', `The hashsize at ${describe(effective)} also sets max, to 8 × buckets: ${value}.`, {
    settings: ['max', 'buckets'],
    lines: [effective],
    remedy: 'Set max by sysctl too, and load the module at boot.',
  });
}

function noteDangerous(findings: Findings, { name, value, effective }: BootSetting): void {
  if (value === undefined || effective === undefined) return;
  const lines = [effective];
  if (name === 'max' && value === 0)
    findings.add(
      'VALUE_DANGEROUS',
      'warning',
      'max will be 0, which means no limit: a flood of new flows can exhaust memory. Newer kernels refuse 0.',
      { settings: [name], lines },
    );
  else if (factsOf(name).unit === 'seconds' && value <= 0)
    findings.add('VALUE_DANGEROUS', 'error', `${name} will be ${value} s: these flows expire at once.`, { settings: [name], lines });
}
