import { monitorEventLoopDelay } from 'node:perf_hooks';
import { complete, counter, gauge, labelled, type Collected } from '../family.ts';

/** What the composition root knows of the program. */
export class BuildInfo {
  constructor(
    readonly version: string,
    /** The kernel tree is not this machine's. */
    readonly simulated: boolean,
  ) {}
}

const RESOLUTION_MILLISECONDS = 20;
const SECOND_MICROSECONDS = 1e6;
const SECOND_NANOSECONDS = 1e9;

/** The process itself, under the names that Prometheus' client libraries use, and how late its event loop is. */
export class ProcessCollector {
  private readonly delay = monitorEventLoopDelay({ resolution: RESOLUTION_MILLISECONDS });

  constructor(private readonly build: BuildInfo) {
    this.delay.enable();
  }

  collect(): Promise<Collected> {
    const { user, system } = process.cpuUsage();
    const { version, simulated } = this.build;
    return Promise.resolve(
      complete(
        counter('process_cpu_seconds_total', 'Total user and system CPU time spent in seconds.', (user + system) / SECOND_MICROSECONDS),
        gauge('process_resident_memory_bytes', 'Resident memory size in bytes.', process.memoryUsage.rss()),
        gauge('process_start_time_seconds', 'Start time of the process since unix epoch in seconds.', performance.timeOrigin / 1_000),
        gauge(
          'conntrack_api_event_loop_delay_p99_seconds',
          'How late the event loop of the service was, since the last time this was asked, in the worst of a hundred looks.',
          this.delayOfPercentile(99),
        ),
        labelled('gauge', 'conntrack_api_build_info', 'Always 1; simulated: the kernel tree is not this machine’s.', [
          { labels: { version, node: process.version, simulated: String(simulated) }, value: 1 },
        ]),
      ),
    );
  }

  close(): void {
    this.delay.disable();
  }

  /** Node counts the time between two looks in. */
  private delayOfPercentile(percentile: number): number | undefined {
    if (this.delay.count === 0) return undefined;
    const seconds = this.delay.percentile(percentile) / SECOND_NANOSECONDS - RESOLUTION_MILLISECONDS / 1_000;
    this.delay.reset();
    return Math.max(0, seconds);
  }
}
