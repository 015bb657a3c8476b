import { factsOf } from '../settings-catalogue.ts';
import type { SettingName } from '../setting.ts';
import type { BootFinding } from './boot-finding.ts';
import type { BootResult } from './boot-result.ts';

/**
 * The boot as seen from another network namespace than the initial one: only values of the whole host are known. What creates the namespace
 * again also decides its own values.
 */
export function fromOtherNamespace(boot: BootResult, reason: string): BootResult {
  const lost = boot.settings.map(({ name }) => name).filter((name) => !isOfHost(name));
  const finding: BootFinding = {
    code: 'NAMESPACE_NOT_BOOTED',
    level: 'information',
    message: `${reason} What creates the network namespace decides the values of these settings.`,
    settings: lost,
    lines: [],
  };
  return {
    ...boot,
    settings: boot.settings.map((setting) =>
      isOfHost(setting.name) ? setting : { name: setting.name, origin: 'unknown', overridden: [] },
    ),
    findings: [...boot.findings.filter(({ settings }) => settings.length === 0 || settings.some(isOfHost)), finding],
  };
}

/** Whether the setting has one value for the whole host, which a boot sets for every network namespace. */
export function isOfHost(name: SettingName): boolean {
  return factsOf(name).scope === 'host';
}
