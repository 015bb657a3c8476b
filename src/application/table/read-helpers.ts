import { Injectable } from '@nestjs/common';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import { EVERY_ENTRY } from '../../domain/filter/filter.ts';
import { helperUses, type HelperUse } from '../../domain/helper.ts';
import type { Unavailable } from '../../domain/layout.ts';
import { KernelExpectations } from '../ports/kernel-expectations.ts';
import { KernelHelpers } from '../ports/kernel-helpers.ts';
import { KernelEntries, type EntryScope } from '../ports/kernel.ts';

export interface HelpersView {
  readonly items: readonly HelperUse[];
  readonly unavailable: readonly Unavailable[];
}

type Counted = { readonly counts?: Readonly<Record<string, number>>; readonly unavailable?: Unavailable };

const CTNETLINK = 'ctnetlink';
const HELPERS_MAX = 1_000;

/** The service runs no programs, and the kernel has no other way to show which rules assign a helper. */
const RULES: Unavailable = {
  field: 'rules',
  code: 'NOT_READ',
  detail: 'The firewall rules that assign helpers are not read: the service runs no programs.',
  remedy: "nft list ruleset | grep 'ct helper'; iptables-save -t raw | grep -- --helper",
};

/** The helpers of this host and who uses them. Entries are counted in one pass over the table. */
@Injectable()
export class ReadHelpers {
  constructor(
    private readonly helpers: KernelHelpers,
    private readonly entries: KernelEntries,
    private readonly expectations: KernelExpectations,
  ) {}

  /** @throws ConntrackError as `KernelEntries`; what only lacks a count is in `unavailable` */
  async run(scope: EntryScope): Promise<HelpersView> {
    const { modules, unavailable } = await this.helpers.read();
    const [entries, expectations] = await Promise.all([this.countEntries(scope), this.countExpectations(scope)]);
    return {
      items: helperUses(modules, entries.counts, expectations.counts),
      unavailable: [...unavailable, ...[entries, expectations].flatMap((counted) => counted.unavailable ?? []), RULES],
    };
  }

  private async countEntries(scope: EntryScope): Promise<Counted> {
    const { keys, summary } = await this.entries.summarise(EVERY_ENTRY, { by: ['helper'], top: HELPERS_MAX, orderBy: 'entries' }, scope);
    if (summary.source !== CTNETLINK) {
      const detail = `${summary.source} does not show the helpers of entries.`;
      return { unavailable: { field: 'items[].entries', code: 'ABSENT', detail, remedy: 'Give the service CAP_NET_ADMIN.' } };
    }
    return { counts: Object.fromEntries((keys[0]?.top ?? []).map(({ helper = '', entries }) => [helper, entries])) };
  }

  private async countExpectations(scope: EntryScope): Promise<Counted> {
    try {
      const { byHelper, summary } = await this.expectations.countByHelper(scope);
      if (byHelper) return { counts: byHelper };
      const detail = `${summary.source} does not show the helpers of expectations.`;
      return { unavailable: { field: 'items[].expectations', code: 'ABSENT', detail } };
    } catch (error) {
      if (!(error instanceof ConntrackError) || error.code !== 'NOT_SUPPORTED_HERE') throw error;
      return { unavailable: { field: 'items[].expectations', code: 'ABSENT', detail: error.message } };
    }
  }
}
