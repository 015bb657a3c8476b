import { Injectable } from '@nestjs/common';
import { ConntrackError } from '../../domain/conntrack-error.ts';
import { sumCounters } from '../../domain/counters/increments.ts';
import { countedLately } from '../../domain/counters/rates.ts';
import { assessTable } from '../../domain/findings/assess-table.ts';
import type { SeenTimeouts, TableEvidence } from '../../domain/findings/table-evidence.ts';
import type { TableFindings } from '../../domain/findings/table-finding.ts';
import { describeTable, type Table } from '../../domain/table.ts';
import { KernelSettings, KernelTable, type EntryScope } from '../ports/kernel.ts';
import { Samples } from '../ports/samples.ts';
import { PreviewBoot } from './preview-boot.ts';
import { RecentReadings } from './recent-readings.ts';
import { RecentSummary } from './recent-summary.ts';

/** The table with its findings. Never dumps the entries. */
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
    const evidence = scope.namespace === undefined ? await this.evidence() : {};
    return { ...describeTable(reading), ...assessTable({ reading, ...evidence }) };
  }

  private async evidence(): Promise<Omit<TableEvidence, 'reading'>> {
    const [lately, hostContext, seen, boot] = await Promise.all([this.lately(), this.table.hostContext(), this.seen(), this.boot()]);
    return { ...lately, hostContext, ...(seen && { seen }), ...boot };
  }

  private async lately(): Promise<Pick<TableEvidence, 'lately' | 'notLately' | 'processors'>> {
    if (this.samples.everySeconds === 0) return { notLately: 'No samples are taken: the service was started with --sample-seconds=0.' };
    try {
      const now = this.recent.asOfNow(await this.table.counters());
      const counted = countedLately(this.recent.all(), now);
      const processors = now.perCpu.length;
      if (!counted) return { processors };
      return { processors, lately: { seconds: counted.seconds, events: sumCounters(counted.perCpu) } };
    } catch (error) {
      if (!(error instanceof ConntrackError)) throw error;
      return { notLately: error.message };
    }
  }

  private async boot(): Promise<Pick<TableEvidence, 'boot' | 'notBoot'>> {
    try {
      return { boot: (await this.previewBoot.recent()).differences };
    } catch (error) {
      if (!(error instanceof ConntrackError)) throw error;
      return { notBoot: error.message };
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
