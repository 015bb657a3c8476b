import type { SettingName } from '../setting.ts';
import type { BootLine, OtherWriterLine, OverriddenLine, OverriddenReason } from './boot-line.ts';
import type { BootOrigin, BootSetting } from './boot-result.ts';

/** The value of a setting at this point of the boot. */
export interface CurrentValue {
  /** What set it: the reason why an earlier line is overridden depends on it. */
  readonly setBy?: 'parameter' | 'sysctl';
  readonly origin: BootOrigin;
  readonly value?: number;
  readonly effective?: BootLine;
}

/** Follows a boot step by step: the current value of each setting, and the lines that were overridden. */
export class Ledger {
  private readonly values = new Map<SettingName, CurrentValue>();
  private readonly overridden = new Map<SettingName, OverriddenLine[]>();
  private readonly others = new Map<SettingName, OtherWriterLine[]>();

  /** Lists the setting even if no line sets it. */
  begin(name: SettingName, value: number | undefined): void {
    this.values.set(name, { origin: 'kernel-default', ...(value !== undefined && { value }) });
  }

  current(name: SettingName): CurrentValue {
    return this.values.get(name) ?? { origin: 'kernel-default' };
  }

  names(): readonly SettingName[] {
    return [...new Set([...this.values.keys(), ...this.overridden.keys()])].sort((a, b) => (a < b ? -1 : 1));
  }

  /** The line that was effective so far is overridden by this one. A derived value has no line of its own to override. */
  set(name: SettingName, next: CurrentValue): void {
    const before = this.current(name);
    const reason = before.setBy === 'parameter' && next.setBy === 'sysctl' ? 'sysctl-runs-later' : 'overridden-by-later-line';
    this.values.set(name, next);
    const same = before.effective !== undefined && next.effective !== undefined && samePlace(before.effective, next.effective);
    if (before.effective === undefined || before.origin === 'derived' || same) return;
    const by = next.effective === undefined ? 'a later step' : describe(next.effective);
    this.override(name, before.effective, reason, `${by} comes later.`, before.value);
  }

  /** The value becomes unknown; the line that was effective so far stays named. */
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

  alsoSet(name: SettingName, line: OtherWriterLine): void {
    const others = this.others.get(name) ?? [];
    this.others.set(name, others);
    if (!others.some((known) => samePlace(known, line))) others.push(line);
  }

  settings(): readonly BootSetting[] {
    return this.names().map((name) => {
      const { origin, value, effective } = this.current(name);
      const overridden = this.overridden.get(name) ?? [];
      const alsoSetBy = this.others.get(name);
      return {
        name,
        ...(value !== undefined && { value }),
        origin,
        ...(effective !== undefined && { effective }),
        overridden,
        ...(alsoSetBy !== undefined && { alsoSetBy }),
      };
    });
  }
}

export function samePlace(a: BootLine, b: BootLine): boolean {
  return a.path === b.path && a.line === b.line && a.text === b.text;
}

export function describe({ path, line }: BootLine): string {
  return `${path}:${line}`;
}
