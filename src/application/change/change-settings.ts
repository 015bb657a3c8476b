import { Injectable } from '@nestjs/common';
import type { ChangePlan } from '../../domain/change-plan.ts';
import { isDue, type ClosedChange } from '../../domain/change.ts';
import type { ConfirmationWindow } from '../../domain/pending-settings.ts';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import { PERSISTED_TOGETHER } from '../../domain/persist-options.ts';
import { isSameNamespace } from '../../domain/namespace.ts';
import type { LiveSettings, SettingValues } from '../../domain/setting.ts';
import type { Caller } from '../../domain/token.ts';
import { ChangeHost } from './change-host.ts';
import { checkAgainstKernel } from './check-against-kernel.ts';
import { Confirmations } from './confirmations.ts';
import { PLAIN_TERMS, type ChangeTerms } from './change-terms.ts';
import { PersistUnloaded } from './persist-unloaded.ts';
import { PersistValues, type Persisting } from './persist-values.ts';
import type { WantedChange } from './plan-change.ts';
import { Clock } from '../ports/clock.ts';

export interface ChangeRequest {
  /** Name of the network namespace to change; absent: that of the service. */
  readonly namespace?: string;
  /** Empty together with `persist`: persist the live values. */
  readonly settings: SettingValues;
  readonly persist: boolean;
  /** Persist in a file whose name sorts after those of other tools. */
  readonly last?: boolean;
  readonly reason: string | null;
}

/** Changes one or more settings at once, and persists them if requested. */
@Injectable()
export class ChangeSettings {
  constructor(
    private readonly host: ChangeHost,
    private readonly persistValues: PersistValues,
    private readonly persistUnloaded: PersistUnloaded,
    private readonly confirmations: Confirmations,
    private readonly clock: Clock,
  ) {}

  run(caller: Caller, request: ChangeRequest, terms: ChangeTerms = PLAIN_TERMS): Promise<ClosedChange> {
    return this.host.perform(caller, terms, (live) => this.decide(live, request, terms), request.namespace);
  }

  /** The plan with its risks. Writes and records nothing. */
  preview(request: ChangeRequest, terms: ChangeTerms = PLAIN_TERMS): Promise<ChangePlan> {
    return this.host.preview(terms, (live) => this.decide(live, request, terms), request.namespace);
  }

  private async decide(live: LiveSettings, request: ChangeRequest, terms: ChangeTerms): Promise<WantedChange> {
    const { reason } = request;
    if (live.isLoaded === false) return this.persistUnloaded.decide(live, request, terms);
    checkAgainstKernel(live, request.settings);
    if (request.persist) requirePersistable(live);
    const settings = request.persist ? withCompanions(live, request.settings) : request.settings;
    const persist = request.persist ? { values: settings, last: request.last ?? false } : null;
    const { confirmWithinSeconds, supersedes } = terms;
    if (confirmWithinSeconds === null || supersedes !== undefined) {
      this.confirmations.requireNotPending(Object.keys(settings), supersedes, live.namespace);
    }
    const extended = confirmWithinSeconds === null ? undefined : this.sameAwaiting(live, settings, persist);
    if (extended !== undefined) {
      return { kind: 'window-extended', reason, rollbackOf: null, relatesTo: extended, settings: {}, files: [], persist };
    }
    const files = persist ? await this.persistValues.plan(live.layout, persist) : [];
    return { kind: 'change', reason, rollbackOf: null, relatesTo: null, settings, files, persist };
  }

  /**
   * Repeating a change that awaits confirmation extends its window. If the window has expired, or a value is no longer the one that the change
   * left, the request is a new change: it writes the values again.
   */
  private sameAwaiting(live: LiveSettings, settings: SettingValues, persist: Persisting | null): number | undefined {
    const found = this.confirmations
      .awaiting()
      .find(
        (window) =>
          isSameNamespace(window.change.namespace, live.namespace) &&
          isSameRequest(window.change, settings, persist) &&
          this.isInEffect(live, window),
      );
    return found?.change.id;
  }

  private isInEffect(live: LiveSettings, { change: { confirm, settings, observed }, pending }: ConfirmationWindow): boolean {
    const values = new Map(live.settings.map(({ name, value }) => [name, value]));
    return (
      confirm !== null &&
      !isDue(confirm, live.bootId ?? null, this.clock.bootMilliseconds()) &&
      pending.length === settings.length &&
      settings.every(({ name }) => values.get(name) === observed.settings[name])
    );
  }
}

function isSameRequest({ confirm, settings: pending }: ClosedChange, settings: SettingValues, persist: Persisting | null): boolean {
  return (
    confirm?.persist === (persist !== null) &&
    (confirm.last ?? false) === (persist?.last ?? false) &&
    pending.length === Object.keys(settings).length &&
    pending.every(({ name, requested }) => settings[name] === requested)
  );
}

function requirePersistable({ notPersistable, namespace }: LiveSettings): void {
  if (notPersistable === undefined) return;
  throw new ConntrackError('NOT_SUPPORTED_HERE', `Values cannot be persisted here. ${notPersistable}`, {
    remedy: namespace
      ? 'Set the values where the network namespace is created, or persist values of the host without `namespace`.'
      : 'Set the values where the network namespace is created, or start the service with --apply-at-start. Persist values of the host with a service on the host.',
  });
}

/** Adds the live max and buckets if one of them was named, or nothing at all. A kernel may have only one of them. */
function withCompanions(live: LiveSettings, requested: SettingValues): SettingValues {
  const names = Object.keys(requested);
  if (names.length > 0 && !names.some((name) => PERSISTED_TOGETHER.includes(name))) return requested;
  const companions = live.settings.filter(({ name }) => PERSISTED_TOGETHER.includes(name)).map(({ name, value }) => [name, value] as const);
  const unreadable = companions.find(([, value]) => value === undefined);
  if (unreadable) {
    throw new ConntrackError(
      'KERNEL_UNREADABLE',
      `${unreadable[0]} cannot be read on this host, and max and buckets can only be persisted together.`,
    );
  }
  if (names.length + companions.length === 0) {
    throw new ConntrackError('KERNEL_UNREADABLE', 'This kernel shows neither max nor buckets, so there is no live value to persist.', {
      remedy: 'Name the settings to persist in "settings".',
    });
  }
  return { ...(Object.fromEntries(companions) as SettingValues), ...requested };
}
