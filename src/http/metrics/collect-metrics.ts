import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { JournalIntegrity } from '../../application/change/journal-integrity.ts';
import { Clock } from '../../application/ports/clock.ts';
import { Journal } from '../../application/ports/journal.ts';
import { KernelEvents } from '../../application/ports/kernel-events.ts';
import { KernelEntries, KernelTable } from '../../application/ports/kernel.ts';
import { Tokens } from '../../application/ports/tokens.ts';
import { PreviewBoot } from '../../application/table/preview-boot.ts';
import { ReadSettings } from '../../application/table/read-settings.ts';
import { Confirmations } from '../../application/change/confirmations.ts';
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

/** `http` is the requests to this service. */
export const COLLECTORS = [
  'table',
  'counters',
  'journal',
  'changes',
  'confirmations',
  'drift',
  'boot',
  'dumps',
  'events',
  'process',
  'http',
] as const;
export type Collector = (typeof COLLECTORS)[number];

type Collectors = Readonly<Record<Exclude<Collector, 'http'>, () => Promise<Collected>>>;

interface Outcome {
  readonly collector: string;
  readonly families: readonly Family[];
  readonly isComplete: boolean;
  readonly seconds: number;
}

/** All metrics of /metrics. A collector that fails does not affect the others. */
@Injectable()
export class CollectMetrics implements OnModuleDestroy {
  private readonly collectors: Collectors;
  private readonly process: ProcessCollector;
  private readonly running = new Map<string, Promise<string>>();

  constructor(
    table: KernelTable,
    entries: KernelEntries,
    events: KernelEvents,
    journal: Journal,
    integrity: JournalIntegrity,
    tokens: Tokens,
    countChanges: CountChanges,
    windows: Confirmations,
    settings: ReadSettings,
    previewBoot: PreviewBoot,
    clock: Clock,
    build: BuildInfo,
    private readonly httpMetrics: HttpMetrics,
  ) {
    const counters = new CounterCollector(table);
    const changes = new ChangeCollector(journal, countChanges);
    const confirmations = new ConfirmationCollector(journal, windows, clock);
    const drift = new DriftCollector(journal, settings);
    const boot = new BootCollector(previewBoot, clock);
    this.process = new ProcessCollector(build);
    this.collectors = {
      table: () => collectTable(table),
      counters: () => counters.collect(),
      journal: () => collectJournal(journal, integrity, tokens),
      changes: () => changes.collect(),
      confirmations: () => confirmations.collect(),
      drift: () => drift.collect(),
      boot: () => boot.collect(),
      dumps: () => collectDumps(entries),
      events: () => collectEvents(events),
      process: () => this.process.collect(),
    };
  }

  /** The metrics of some collectors in Prometheus' text format. Concurrent scrapes of the same share one collection. */
  run(wanted: readonly Collector[] = COLLECTORS): Promise<string> {
    const key = COLLECTORS.filter((name) => wanted.includes(name)).join();
    const running =
      this.running.get(key) ??
      this.collect(wanted).finally(() => {
        this.running.delete(key);
      });
    this.running.set(key, running);
    return running;
  }

  onModuleDestroy(): void {
    this.process.close();
  }

  private async collect(wanted: readonly Collector[]): Promise<string> {
    const collectors = Object.entries(this.collectors).filter(([name]) => (wanted as readonly string[]).includes(name));
    const outcomes = await Promise.all(collectors.map(([name, collect]) => attempt(name, collect)));
    const families = [...outcomes.flatMap((outcome) => outcome.families), ...collectorFamilies(outcomes)];
    const text = await expose(families);
    return wanted.includes('http') ? `${text}\n${await this.httpMetrics.text()}` : text;
  }
}

/** The reason of a failure is not kept: the corresponding API request reports it. */
async function attempt(collector: string, collect: () => Promise<Collected>): Promise<Outcome> {
  const start = performance.now();
  const collected = await collect().catch((): Collected => ({ families: [], isComplete: false }));
  return { collector, ...collected, seconds: (performance.now() - start) / 1_000 };
}

function collectorFamilies(outcomes: readonly Outcome[]): readonly Family[] {
  const each = (value: (outcome: Outcome) => number) =>
    outcomes.map((outcome) => ({ labels: { collector: outcome.collector }, value: value(outcome) }));
  return [
    labelled(
      'gauge',
      'conntrack_api_collector_success',
      'Whether the collector could read all of its values (1) or not (0). Values that could not be read have no series.',
      each(({ isComplete }) => (isComplete ? 1 : 0)),
    ),
    labelled(
      'gauge',
      'conntrack_api_collector_duration_seconds',
      'Duration of the collector in seconds. Collectors run concurrently.',
      each(({ seconds }) => seconds),
    ),
  ];
}
