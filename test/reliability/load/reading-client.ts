import type { LoadedService } from './loaded-service.ts';

/** The default of --rate-limit. */
const PER_SECOND = 50;
const PATHS = ['/api/v1/settings', '/api/v1/table', '/api/v1/boot', '/api/v1/settings/max'];

export interface ReadResult {
  readonly responses: number;
  /** Responses other than 200, and 429 of the rate limit. */
  readonly failures: number;
  /** How many responses had each status. */
  readonly statuses: Readonly<Record<string, number>>;
  readonly slowestMilliseconds: number;
}

/** Sends reads at the rate limit of its token, whether or not the previous ones have ended. */
export class ReadingClient {
  private readonly timer: NodeJS.Timeout;
  private readonly running = new Set<Promise<void>>();
  private responses = 0;
  private failures = 0;
  private readonly statuses: Record<string, number> = {};
  private slowestMilliseconds = 0;

  private constructor(service: LoadedService, token: string) {
    this.timer = setInterval(() => {
      const path = PATHS[this.responses % PATHS.length] ?? '';
      const read = this.read(service, path, token).finally(() => this.running.delete(read));
      this.running.add(read);
    }, 1_000 / PER_SECOND);
  }

  static async start(service: LoadedService): Promise<ReadingClient> {
    return new ReadingClient(service, await service.readingToken());
  }

  async stop(): Promise<ReadResult> {
    clearInterval(this.timer);
    await Promise.all(this.running);
    return { responses: this.responses, failures: this.failures, statuses: this.statuses, slowestMilliseconds: this.slowestMilliseconds };
  }

  private async read(service: LoadedService, path: string, token: string): Promise<void> {
    const startedAt = performance.now();
    const { status } = await service.read(path, token);
    this.responses += 1;
    this.statuses[status] = (this.statuses[status] ?? 0) + 1;
    if (status !== 200 && status !== 429) this.failures += 1;
    this.slowestMilliseconds = Math.max(this.slowestMilliseconds, performance.now() - startedAt);
  }
}
