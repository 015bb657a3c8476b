import type { SettingName } from '../setting.ts';
import type { BootLine, OverriddenLine, OverriddenReason } from './boot-line.ts';
import type { BootOrigin, BootSetting } from './boot-result.ts';

/** What a setting comes to, so far. */
export interface CurrentValue {
  /** What wrote it: it tells why an earlier line loses. */
  readonly setBy?: 'parameter' | 'sysctl';
  readonly origin: BootOrigin;
  readonly value?: number;
  readonly effective?: BootLine;
}

/** Follows a boot step by step: what each setting stands at, and which lines have lost. */
export class Ledger {
  private readonly values = new Map<SettingName, CurrentValue>();
  private readonly overridden = new Map<SettingName, OverriddenLine[]>();

  /** Makes the setting appear even if nothing asks for it. */
  begin(name: SettingName, value: number | undefined): void {
    this.values.set(name, { origin: 'kernel-default', ...(value !== undefined && { value }) });
  }

  current(name: SettingName): CurrentValue {
    return this.values.get(name) ?? { origin: 'kernel-default' };
  }

  names(): readonly SettingName[] {
    return [...new Set([...this.values.keys(), ...this.overridden.keys()])].sort((a, b) => (a < b ? -1 : 1));
  }

  /** The line that decided so far loses to this one. A derived value is no line of its own, and does not lose. */
  set(name: SettingName, next: CurrentValue): void {
    const before = this.current(name);
    const reason = before.setBy === 'parameter' && next.setBy === 'sysctl' ? 'sysctl-runs-later' : 'overridden-by-later-line';
    this.values.set(name, next);
    const same = before.effective !== undefined && next.effective !== undefined && samePlace(before.effective, next.effective);
    if (before.effective === undefined || before.origin === 'derived' || same) return;
    const by = next.effective === undefined ? 'what comes after it' : describe(next.effective);
    this.override(name, before.effective, reason, `${by} comes later.`, before.value);
  }

  /** The value cannot be told; the line that decided so far stays named. */
  markUnknown(name: SettingName): void {
    const { effective, setBy } = this.current(name);
    this.values.set(name, { origin: 'unknown', ...(effective !== undefined && { effective }), ...(setBy !== undefined && { setBy }) });
  }

  override(name: SettingName, line: BootLine, reason: OverriddenReason, detail: string, value?: number): void {
    const overridden = this.overridden.get(name) ?? [];
    this.overridden.set(name, overridden);
    if (overridden.some((known) => samePlace(known, line) && known.reason === reason)) return;
    overridden.push({ ...line, reason, detail, ...(value !== undefined && { value }) });
  }

  settings(): readonly BootSetting[] {
    return this.names().map((name) => {
      const { origin, value, effective } = this.current(name);
      const overridden = this.overridden.get(name) ?? [];
      return { name, ...(value !== undefined && { value }), origin, ...(effective !== undefined && { effective }), overridden };
    });
  }
}

export function samePlace(a: BootLine, b: BootLine): boolean {
  return a.path === b.path && a.line === b.line && a.text === b.text;
}

export function describe({ path, line }: BootLine): string {
  return `${path}:${line}`;
}
