import { Injectable } from '@nestjs/common';
import type { ChangePlan } from '../../domain/change-plan.ts';
import type { ClosedChange } from '../../domain/change.ts';
import { ConntrackError, type FieldError } from '../../domain/conntrack-error.ts';
import { PERSISTED_TOGETHER } from '../../domain/persist-options.ts';
import type { LiveSettings, SettingValues } from '../../domain/setting.ts';
import type { Caller } from '../../domain/token.ts';
import { ChangeHost } from './change-host.ts';
import { PLAIN_TERMS, type ChangeTerms } from './change-terms.ts';
import { PersistValues, type Persisting } from './persist-values.ts';
import type { WantedChange } from './plan-change.ts';
import { Journal } from '../ports/journal.ts';

export interface ChangeRequest {
  /** Empty together with `persist`: make what is live now hold at boot. */
  readonly settings: SettingValues;
  readonly persist: boolean;
  /** Persist under a name that is read after those of others. */
  readonly last?: boolean;
  readonly reason: string | null;
}

/** Changes one or many settings at once, and makes them hold at boot when asked to. */
@Injectable()
export class ChangeSettings {
  constructor(
    private readonly host: ChangeHost,
    private readonly persistValues: PersistValues,
    private readonly journal: Journal,
  ) {}

  run(caller: Caller, request: ChangeRequest, terms: ChangeTerms = PLAIN_TERMS): Promise<ClosedChange> {
    return this.host.perform(caller, terms, (live) => this.decide(live, request, terms));
  }

  /** The plan with its risks; nothing happens and nothing is recorded. */
  preview(request: ChangeRequest, terms: ChangeTerms = PLAIN_TERMS): Promise<ChangePlan> {
    return this.host.preview(terms, terms.confirmWithinSeconds !== null, (live) => this.decide(live, request, terms));
  }

  private async decide(live: LiveSettings, request: ChangeRequest, terms: ChangeTerms): Promise<WantedChange> {
    const { reason } = request;
    checkAgainstKernel(live, request.settings);
    const settings = request.persist ? withCompanions(live, request.settings) : request.settings;
    const persist = request.persist ? { values: settings, last: request.last ?? false } : null;
    const extended = terms.confirmWithinSeconds === null ? undefined : this.awaiting(settings, persist);
    if (extended !== undefined) {
      return { kind: 'window-extended', reason, rollbackOf: null, relatesTo: extended, settings: {}, files: [], persist };
    }
    const files = persist ? await this.persistValues.plan(live.layout, persist) : [];
    return { kind: 'change', reason, rollbackOf: null, relatesTo: null, settings, files, persist };
  }

  /** The same change asked for again while it waits for its confirmation starts its window anew. */
  private awaiting(settings: SettingValues, persist: Persisting | null): number | undefined {
    const same = (change: ClosedChange): boolean =>
      change.confirm?.persist === (persist !== null) &&
      (change.confirm.last ?? false) === (persist?.last ?? false) &&
      change.settings.length === Object.keys(settings).length &&
      change.settings.every(({ name, requested }) => settings[name] === requested);
    return this.journal.awaitingConfirmation().find(same)?.id;
  }
}

/** Names all that is wrong at once, before anything has happened. */
function checkAgainstKernel(live: LiveSettings, requested: SettingValues): void {
  const known = new Map(live.settings.map((setting) => [setting.name, setting]));
  const unknown = Object.keys(requested).filter((name) => !known.has(name));
  if (unknown.length > 0) {
    throw new ConntrackError('SETTING_UNKNOWN', `This kernel has no conntrack setting ${unknown.join(', ')}.`, {
      errors: unknown.map((name) => ({ field: `settings.${name}`, expected: 'a name listed by GET /api/v1/settings', found: name })),
    });
  }
  const outside = Object.entries(requested).flatMap(([name, value]): FieldError[] => {
    const setting = known.get(name);
    if (!setting || (value >= setting.minimum && value <= setting.maximum)) return [];
    return [
      {
        field: `settings.${name}`,
        expected: `an integer from ${setting.minimum} to ${setting.maximum} (${setting.unit})`,
        found: String(value),
      },
    ];
  });
  if (outside.length > 0) {
    throw new ConntrackError(
      'VALUE_OUT_OF_RANGE',
      outside.map(({ field, expected, found }) => `${field}: expected ${expected}, found ${found ?? ''}`).join('; '),
      {
        errors: outside,
      },
    );
  }
}

/** Adds max and buckets as they are live when one of them, or nothing at all, was named. */
function withCompanions(live: LiveSettings, requested: SettingValues): SettingValues {
  const names = Object.keys(requested);
  if (names.length > 0 && !names.some((name) => PERSISTED_TOGETHER.includes(name))) return requested;
  const companions = live.settings.filter(({ name }) => PERSISTED_TOGETHER.includes(name)).map(({ name, value }) => [name, value] as const);
  const unreadable = companions.find(([, value]) => value === undefined);
  if (unreadable) {
    throw new ConntrackError(
      'KERNEL_UNREADABLE',
      `${unreadable[0]} cannot be read here, and max and buckets can only be persisted together.`,
    );
  }
  return { ...(Object.fromEntries(companions) as SettingValues), ...requested };
}
