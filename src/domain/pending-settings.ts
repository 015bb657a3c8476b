import { tookEffect, type Change, type ClosedChange, type SettingChange } from './change.ts';
import { isSameNamespace, subjectIn } from './namespace.ts';
import type { SettingName } from './setting.ts';

/** A setting whose live value is reverted unless a change is confirmed. */
interface PendingSetting {
  /** The change that has to be confirmed. */
  readonly under: number;
  /** The last confirmed value: the one that a revert restores. */
  readonly confirmed: number;
  /** The value that the change left. A revert leaves any other live value alone. */
  readonly left: number;
}

/** A change with a confirmation window. */
export interface ConfirmationWindow {
  /** With the window of its latest extension. */
  readonly change: ClosedChange;
  /** Settings that still wait for the confirmation of this change. */
  readonly pending: readonly SettingName[];
  /** Settings that a later change took over before this one was confirmed, and that change. */
  readonly superseded: ReadonlyMap<SettingName, number>;
  /** The change that ended the window (confirmation, auto-revert, rollback, rollback-to); absent while it is open. */
  readonly endedBy?: number;
}

/** The confirmation state of a host, per setting. */
export interface PendingSettings {
  /** By {@link subjectIn}. */
  readonly settings: ReadonlyMap<string, PendingSetting>;
  /** By the id of the change. */
  readonly windows: ReadonlyMap<number, ConfirmationWindow>;
}

interface Window {
  change: ClosedChange;
  endedBy?: number;
  readonly superseded: Map<SettingName, number>;
}

/**
 * Derives which settings are pending, and under which change. A change with a window groups settings and does not own them: a later change takes
 * over the settings that it requests, and what a revert restores stays the last confirmed value.
 *
 * @param changes oldest first, from the oldest change whose window is open
 */
export function pendingSettings(changes: Iterable<Change>): PendingSettings {
  const fold = new Fold();
  for (const change of changes) if (tookEffect(change)) fold.add(change);
  return fold.result();
}

class Fold {
  private readonly settings = new Map<string, PendingSetting>();
  private readonly windows = new Map<number, Window>();

  add(change: ClosedChange): void {
    if (change.outcome === 'restore-failed') {
      this.readAgain(change);
      return;
    }
    switch (change.kind) {
      case 'drift':
      case 'deletion':
      case 'module-load':
      case 'entry-update':
      case 'unblock':
        return;
      case 'window-extended':
        this.extend(change);
        return;
      case 'confirmation':
        this.end((id) => id === change.relatesTo, change);
        return;
      case 'auto-revert':
      case 'rollback':
        this.end((id) => id === change.rollbackOf, change);
        break;
      case 'rollback-to':
        this.end(
          (id) => id > (change.relatesTo ?? Infinity) && isSameNamespace(this.windows.get(id)?.change.namespace, change.namespace),
          change,
        );
        break;
      case 'change':
      case 'reapply':
        break;
    }
    this.takeOver(change);
  }

  result(): PendingSettings {
    const windows = [...this.windows].map(([id, { change, superseded, endedBy }]): [number, ConfirmationWindow] => {
      const pending = change.settings
        .map(({ name }) => name)
        .filter((name) => this.settings.get(subjectIn(change.namespace, name))?.under === id);
      return [id, { change, pending, superseded, ...(endedBy !== undefined && { endedBy }) }];
    });
    return { settings: this.settings, windows: new Map(windows) };
  }

  /** A change that failed and could not restore the host left another value, which is reverted together with the pending one. */
  private readAgain({ namespace, settings, observed }: ClosedChange): void {
    for (const { name } of settings) {
      const subject = subjectIn(namespace, name);
      const [pending, left] = [this.settings.get(subject), observed.settings[name]];
      if (pending && typeof left === 'number') this.settings.set(subject, { ...pending, left });
    }
  }

  private extend({ relatesTo, confirm }: ClosedChange): void {
    const window = this.windows.get(relatesTo ?? 0);
    if (window) window.change = { ...window.change, confirm };
  }

  /** A service that was killed while it restored several settings has left some of them pending: their window stays open. */
  private end(isEnded: (id: number) => boolean, by: ClosedChange): void {
    const kept = new Set(by.settings.filter((setting) => isNotReached(setting, by)).map(({ name }) => subjectIn(by.namespace, name)));
    const open = new Set<number>();
    for (const [subject, { under }] of this.settings) {
      if (!isEnded(under)) continue;
      if (kept.has(subject)) open.add(under);
      else this.settings.delete(subject);
    }
    for (const [id, window] of this.windows) if (isEnded(id) && !open.has(id)) window.endedBy ??= by.id;
  }

  private takeOver(change: ClosedChange): void {
    if (change.confirm) this.windows.set(change.id, { change, superseded: new Map() });
    for (const setting of change.settings) {
      const subject = subjectIn(change.namespace, setting.name);
      const earlier = this.settings.get(subject);
      if (earlier && !change.confirm && isNotReached(setting, change)) continue;
      if (earlier) this.windows.get(earlier.under)?.superseded.set(setting.name, change.id);
      this.settings.delete(subject);
      if (change.confirm) this.settings.set(subject, this.pendingUnder(change, setting, earlier));
    }
  }

  private pendingUnder(change: ClosedChange, setting: SettingChange, earlier: PendingSetting | undefined): PendingSetting {
    const isSameBoot = earlier !== undefined && this.windows.get(earlier.under)?.change.bootId === change.bootId;
    return {
      under: change.id,
      confirmed: isSameBoot ? earlier.confirmed : valueToRestore(setting),
      left: change.observed.settings[setting.name] ?? setting.requested,
    };
  }
}

/** What undoing the change restores: never a value that was itself waiting for a confirmation. */
export function valueToRestore({ before, confirmedBefore }: SettingChange): number {
  return confirmedBefore ?? before;
}

/** The service was killed before it wrote this setting. */
function isNotReached({ name, before, requested }: SettingChange, { outcome, observed }: ClosedChange): boolean {
  return outcome === 'diverged' && before !== requested && observed.settings[name] === before;
}
