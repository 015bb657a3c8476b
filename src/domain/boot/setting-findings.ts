import { factsOf } from '../settings-catalogue.ts';
import type { BootSetting } from './boot-preview.ts';
import type { Findings } from './findings.ts';
import { describe } from './ledger.ts';

/** What is remarkable about the values that the boot ends with. */
export function noteSettings(findings: Findings, settings: readonly BootSetting[]): void {
  for (const setting of settings) {
    noteOverridden(findings, setting);
    noteDerived(findings, setting);
    noteDangerous(findings, setting);
  }
}

function noteOverridden(findings: Findings, { name, value, winner, losers }: BootSetting): void {
  if (winner === undefined) return;
  const overridden = losers.filter(
    (loser) => loser.reason === 'overridden-by-later-line' && loser.path !== winner.path && loser.value !== value,
  );
  if (overridden.length === 0) return;
  const message = `${describe(winner)} has the last word on ${name}: ${overridden.map(describe).join(', ')} asked for another value.`;
  findings.add('OVERRIDDEN', 'information', message, {
    settings: [name],
    lines: [winner, ...overridden.map(({ path, line, text }) => ({ path, line, text }))],
  });
}

function noteDerived(findings: Findings, { name, value, origin, winner }: BootSetting): void {
  if (name !== 'max' || origin !== 'derived' || value === undefined || winner === undefined) return;
  findings.add('HASHSIZE_SETS_MAX', 'warning', `The hashsize at ${describe(winner)} sets max to 8 times the buckets: ${value}.`, {
    settings: ['max', 'buckets'],
    lines: [winner],
    remedy: 'Set max by sysctl too, with the module loaded at boot.',
  });
}

function noteDangerous(findings: Findings, { name, value, winner }: BootSetting): void {
  if (value === undefined || winner === undefined) return;
  const lines = [winner];
  if (name === 'max' && value === 0)
    findings.add('VALUE_DANGEROUS', 'warning', 'A max of 0 means no limit, and newer kernels refuse it.', { settings: [name], lines });
  else if (factsOf(name).unit === 'seconds' && value <= 0)
    findings.add('VALUE_DANGEROUS', 'error', `${name} of ${value} s: flows expire at once.`, { settings: [name], lines });
}
