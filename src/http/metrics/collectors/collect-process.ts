import { monitorEventLoopDelay } from 'node:perf_hooks';
import { complete, counter, gauge, labelled, type Collected } from '../family.ts';

/** Facts about the program, from the composition root. */
export class BuildInfo {
  constructor(
    readonly version: string,
    /** The kernel tree is not this host's. */
    readonly simulated: boolean,
  ) {}
}

const RESOLUTION_MILLISECONDS = 20;
/** Longer than any usual interval of scrapes. */
const UNSCRAPED_MILLISECONDS = 300_000;
const SECOND_MICROSECONDS = 1e6;
const SECOND_NANOSECONDS = 1e9;

/**
 * Process metrics under the names of Prometheus' client libraries, and the event loop delay. The delay is measured from the first scrape on and
 * while scrapes go on: measuring it wakes the process 50 times a second, which would cost more than all else that an idle service does.
 */
export class ProcessCollector {
  private readonly delay = monitorEventLoopDelay({ resolution: RESOLUTION_MILLISECONDS });
  private unscraped: NodeJS.Timeout | undefined;

  constructor(private readonly build: BuildInfo) {}

  collect(): Promise<Collected> {
    const { user, system } = process.cpuUsage();
    const { version, simulated } = this.build;
    this.measureDelay();
    return Promise.resolve(
      complete(
        counter('process_cpu_seconds_total', 'Total user and system CPU time spent in seconds.', (user + system) / SECOND_MICROSECONDS),
        gauge('process_resident_memory_bytes', 'Resident memory size in bytes.', process.memoryUsage.rss()),
        gauge('process_start_time_seconds', 'Start time of the process since unix epoch in seconds.', performance.timeOrigin / 1_000),
        gauge(
          'conntrack_api_event_loop_delay_p99_seconds',
          '99th percentile of the event loop delay since the previous scrape, in seconds.',
          this.delayOfPercentile(99),
        ),
        labelled(
          'gauge',
          'conntrack_api_build_info',
          'Always 1. simulated="true": the service reads a recorded kernel tree and not this host.',
          [{ labels: { version, node: process.version, simulated: String(simulated) }, value: 1 }],
        ),
      ),
    );
  }

  close(): void {
    clearTimeout(this.unscraped);
    this.delay.disable();
  }

  private measureDelay(): void {
    this.delay.enable();
    this.unscraped ??= setTimeout(() => {
      this.unscraped = undefined;
      this.delay.disable();
      this.delay.reset();
    }, UNSCRAPED_MILLISECONDS).unref();
    this.unscraped.refresh();
  }

  /** Node's values include the sampling interval, which is subtracted. */
  private delayOfPercentile(percentile: number): number | undefined {
    if (this.delay.count === 0) return undefined;
    const seconds = this.delay.percentile(percentile) / SECOND_NANOSECONDS - RESOLUTION_MILLISECONDS / 1_000;
    this.delay.reset();
    return Math.max(0, seconds);
  }
}
