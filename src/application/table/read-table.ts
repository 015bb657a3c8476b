import { Injectable } from '@nestjs/common';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import { sumCounters } from '../../domain/counters/increments.ts';
import { countedRecently } from '../../domain/counters/rates.ts';
import { assessTable } from '../../domain/findings/assess-table.ts';
import type { SeenTimeouts, TableEvidence } from '../../domain/findings/table-evidence.ts';
import type { TableFindings } from '../../domain/findings/table-finding.ts';
import { describeTable, type Table, type TableReading } from '../../domain/table.ts';
import { KernelSettings, KernelTable, type EntryScope } from '../ports/kernel.ts';
import { Samples } from '../ports/samples.ts';
import { PreviewBoot } from './preview-boot.ts';
import { RecentReadings } from './recent-readings.ts';
import { RecentSummary } from './recent-summary.ts';

/** The table with its findings. Dumps no entries; a kernel without a count has the lines of its text dump counted. */
@Injectable()
export class ReadTable {
  constructor(
    private readonly table: KernelTable,
    private readonly settings: KernelSettings,
    private readonly samples: Samples,
    private readonly recent: RecentReadings,
    private readonly summary: RecentSummary,
    private readonly previewBoot: PreviewBoot,
  ) {}

  /** @throws as `KernelTable.read` */
  async run(scope: EntryScope): Promise<Table & TableFindings> {
    const reading = await this.table.read(scope);
    const evidence: Omit<TableEvidence, 'reading'> = scope.namespace === undefined ? await this.evidence(reading) : {};
    const { release } = evidence.hostContext ?? (await this.table.hostContext());
    return { ...describeTable(reading), ...assessTable({ reading, ...(release !== undefined && { release }), ...evidence }) };
  }

  private async evidence({ count }: TableReading): Promise<Omit<TableEvidence, 'reading'>> {
    const [recent, hostContext, seen, boot] = await Promise.all([this.recentEvents(), this.table.hostContext(), this.seen(), this.boot()]);
    return { ...recent, hostContext, ...(count === 0 && { ruleUse: await this.table.ruleUse() }), ...(seen && { seen }), ...boot };
  }

  private async recentEvents(): Promise<Pick<TableEvidence, 'recent' | 'notRecent' | 'processors'>> {
    if (this.samples.everySeconds === 0) return { notRecent: 'No samples are taken: the service was started with --sample-seconds=0.' };
    try {
      const now = this.recent.asOfNow(await this.table.counters());
      const counted = countedRecently(this.recent.all(), now);
      const processors = now.perCpu.length;
      if (!counted) return { processors };
      return { processors, recent: { seconds: counted.seconds, events: sumCounters(counted.perCpu) } };
    } catch (error) {
      if (!(error instanceof ConntrackError)) throw error;
      return { notRecent: error.message };
    }
  }

  private async boot(): Promise<Pick<TableEvidence, 'boot' | 'noBoot'>> {
    try {
      return { boot: (await this.previewBoot.recent()).differences };
    } catch (error) {
      if (!(error instanceof ConntrackError)) throw error;
      return { noBoot: error.message };
    }
  }

  private async seen(): Promise<SeenTimeouts | undefined> {
    const seen = this.summary.read();
    if (!seen) return undefined;
    const { settings } = await this.settings.read();
    const established = settings.find(({ name }) => name === 'tcp_timeout_established')?.value;
    return { ...seen, ...(established !== undefined && { establishedSeconds: established }) };
  }
}
