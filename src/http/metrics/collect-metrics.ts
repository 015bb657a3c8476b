import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { JournalIntegrity } from '../../application/change/journal-integrity.ts';
import { Clock } from '../../application/ports/clock.ts';
import { Journal } from '../../application/ports/journal.ts';
import { KernelEvents } from '../../application/ports/kernel-events.ts';
import { KernelEntries, KernelTable } from '../../application/ports/kernel.ts';
import { PreviewBoot } from '../../application/table/preview-boot.ts';
import { ReadSettings } from '../../application/table/read-settings.ts';
import { CountChanges } from '../../application/change/count-changes.ts';
import { BootCollector } from './collectors/collect-boot.ts';
import { ChangeCollector } from './collectors/collect-changes.ts';
import { ConfirmationCollector } from './collectors/collect-confirmations.ts';
import { CounterCollector } from './collectors/collect-counters.ts';
import { DriftCollector } from './collectors/collect-drift.ts';
import { collectDumps, collectEvents } from './collectors/collect-entries.ts';
import { collectJournal } from './collectors/collect-journal.ts';
import { BuildInfo, ProcessCollector } from './collectors/collect-process.ts';
import { collectTable } from './collectors/collect-table.ts';
import { expose } from './exposition.ts';
import { labelled, type Collected, type Family } from './family.ts';
import { HttpMetrics } from './http-metrics.ts';

type Collectors = Readonly<Record<string, () => Promise<Collected>>>;

interface Outcome {
  readonly collector: string;
  readonly families: readonly Family[];
  readonly isComplete: boolean;
  readonly seconds: number;
}

/** Everything that /metrics shows. One collector that fails takes nothing from the others. */
@Injectable()
export class CollectMetrics implements OnModuleDestroy {
  private readonly collectors: Collectors;
  private readonly process: ProcessCollector;
  private running: Promise<string> | undefined;

  constructor(
    table: KernelTable,
    entries: KernelEntries,
    events: KernelEvents,
    journal: Journal,
    trust: JournalIntegrity,
    tally: CountChanges,
    settings: ReadSettings,
    previewBoot: PreviewBoot,
    clock: Clock,
    build: BuildInfo,
    private readonly figures: HttpMetrics,
  ) {
    const counters = new CounterCollector(table);
    const changes = new ChangeCollector(journal, tally);
    const confirmations = new ConfirmationCollector(journal, clock);
    const drift = new DriftCollector(journal, settings);
    const boot = new BootCollector(previewBoot, clock);
    this.process = new ProcessCollector(build);
    this.collectors = {
      table: () => collectTable(table),
      counters: () => counters.collect(),
      journal: () => collectJournal(journal, trust),
      changes: () => changes.collect(),
      confirmations: () => confirmations.collect(),
      drift: () => drift.collect(),
      boot: () => boot.collect(),
      dumps: () => collectDumps(entries),
      events: () => collectEvents(events),
      process: () => this.process.collect(),
    };
  }

  /** In Prometheus' text format. Whoever asks while another is being answered gets the same answer. */
  run(): Promise<string> {
    this.running ??= this.collect().finally(() => {
      this.running = undefined;
    });
    return this.running;
  }

  onModuleDestroy(): void {
    this.process.close();
  }

  private async collect(): Promise<string> {
    const outcomes = await Promise.all(Object.entries(this.collectors).map(([name, collect]) => attempt(name, collect)));
    const families = [...outcomes.flatMap((outcome) => outcome.families), ...ofThemselves(outcomes)];
    return `${await expose(families)}\n${await this.figures.text()}`;
  }
}

/** Why it failed is what the API tells whoever asks for the same there. */
async function attempt(collector: string, collect: () => Promise<Collected>): Promise<Outcome> {
  const begun = performance.now();
  const collected = await collect().catch((): Collected => ({ families: [], isComplete: false }));
  return { collector, ...collected, seconds: (performance.now() - begun) / 1_000 };
}

function ofThemselves(outcomes: readonly Outcome[]): readonly Family[] {
  const each = (value: (outcome: Outcome) => number) =>
    outcomes.map((outcome) => ({ labels: { collector: outcome.collector }, value: value(outcome) }));
  return [
    labelled(
      'gauge',
      'conntrack_api_collector_success',
      'Whether this part of the metrics could be read whole; what could not has no series.',
      each(({ isComplete }) => (isComplete ? 1 : 0)),
    ),
    labelled(
      'gauge',
      'conntrack_api_collector_duration_seconds',
      'How long reading this part took; they are read at the same time.',
      each(({ seconds }) => seconds),
    ),
  ];
}
