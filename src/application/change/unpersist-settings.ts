import { Injectable } from '@nestjs/common';
import type { ChangePlan } from '../../domain/change-plan.ts';
import { tookEffect, type ClosedChange } from '../../domain/change.ts';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import { PERSISTED_TOGETHER, type OriginalValues } from '../../domain/persist-options.ts';
import type { LiveSettings, SettingName, SettingValues } from '../../domain/setting.ts';
import type { Caller } from '../../domain/token.ts';
import { ChangeHost } from './change-host.ts';
import { PLAIN_TERMS, type ChangeTerms } from './change-terms.ts';
import { changesOf } from './changes-of.ts';
import { PersistValues } from './persist-values.ts';
import { Confirmations } from './confirmations.ts';
import type { WantedChange } from './plan-change.ts';
import { BootFiles } from '../ports/boot-files.ts';
import { Journal } from '../ports/journal.ts';

export interface UnpersistRequest {
  /** `null`: all persisted settings. */
  readonly names: readonly SettingName[] | null;
  readonly reason: string | null;
}

/** Removes persisted values from the boot files, as a change that can be rolled back. Live values stay. */
@Injectable()
export class UnpersistSettings {
  constructor(
    private readonly host: ChangeHost,
    private readonly bootFiles: BootFiles,
    private readonly persistValues: PersistValues,
    private readonly journal: Journal,
    private readonly confirmations: Confirmations,
  ) {}

  /** @throws ConntrackError `SETTING_UNKNOWN` for a name that is neither a kernel setting nor persisted; `AWAITING_CONFIRMATION` */
  run(caller: Caller, request: UnpersistRequest, terms: ChangeTerms = PLAIN_TERMS): Promise<ClosedChange> {
    return this.host.perform(caller, terms, (live) => this.decide(live, request));
  }

  /** The plan with its risks. Writes and records nothing. */
  preview(request: UnpersistRequest, terms: ChangeTerms = PLAIN_TERMS): Promise<ChangePlan> {
    return this.host.preview(terms, (live) => this.decide(live, request));
  }

  private async decide(live: LiveSettings, { names, reason }: UnpersistRequest): Promise<WantedChange> {
    const persisted = await this.bootFiles.persisted(live.layout);
    const selected = names ?? Object.keys(persisted);
    requireKnown(selected, live, persisted);
    const all = selected.some((name) => PERSISTED_TOGETHER.includes(name)) ? [...new Set([...selected, ...PERSISTED_TOGETHER])] : selected;
    this.confirmations.requireNotPending(all, undefined);
    const originals = this.originals(live, persisted, all);
    const files = await this.persistValues.unplan(live.layout, originals);
    return { kind: 'change', reason, rollbackOf: null, relatesTo: null, settings: {}, files, persist: null };
  }

  /**
   * Files that only this service writes hold no original values. For the shared files of the legacy layout, the journal holds the values from
   * before the first change.
   */
  private originals({ layout }: LiveSettings, persisted: SettingValues, names: readonly SettingName[]): OriginalValues {
    const found = names.flatMap((name): (readonly [SettingName, number | null])[] => {
      const original = layout === 'nf_conntrack' ? null : this.originalOf(name, persisted[name]);
      return original === undefined ? [] : [[name, original]];
    });
    return Object.fromEntries(found);
  }

  /**
   * The value in the files before the unbroken series of recorded changes that ends in the current value: `null` where there was none,
   * `undefined` where the current value was not written by this service.
   */
  private originalOf(name: SettingName, now: number | undefined): number | null | undefined {
    let value = now;
    let isRecorded = false;
    for (const path of this.bootFiles.paths('ip_conntrack')) {
      for (const change of changesOf(this.journal, path)) {
        if (!tookEffect(change)) continue;
        const [before, after] = (['before', 'after'] as const).map((side) => this.valuesIn(change, side)[name]);
        if (before === after) continue;
        if (after !== value) break;
        value = before;
        isRecorded = true;
      }
    }
    return isRecorded ? (value ?? null) : undefined;
  }

  private valuesIn({ files }: ClosedChange, side: 'before' | 'after'): SettingValues {
    return this.bootFiles.askedBy('ip_conntrack', Object.fromEntries(files.map((file) => [file.path, file[side]])));
  }
}

function requireKnown(names: readonly SettingName[], live: LiveSettings, persisted: SettingValues): void {
  const unknown = names.filter((name) => !Object.hasOwn(persisted, name) && !live.settings.some((setting) => setting.name === name));
  if (unknown.length === 0) return;
  throw new ConntrackError('SETTING_UNKNOWN', `Neither a kernel setting nor a persisted one: ${unknown.join(', ')}.`, {
    errors: unknown.map((name) => ({ field: 'settings', expected: 'names listed by GET /api/v1/settings', found: name })),
  });
}
