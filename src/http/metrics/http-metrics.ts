import { Counter, Histogram, Registry } from 'prom-client';
import type { ErrorCode } from '../../domain/error-codes.ts';

/** Reading the table size takes milliseconds, a resize half a second, a full dump seconds. */
const BUCKETS_SECONDS = [0.001, 0.005, 0.01, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export interface CompletedRequest {
  readonly method: string;
  /** The pattern of the route. Absent if there is no such route. */
  readonly route: string | undefined;
  readonly status: number;
  readonly seconds: number;
}

/** Requests since the service started. The number of series is bounded by the routes and codes, whatever clients send. */
export class HttpMetrics {
  private readonly registry = new Registry();
  private readonly requests = new Counter({
    name: 'conntrack_api_http_requests_total',
    help: 'HTTP requests that were answered, or whose client disconnected.',
    labelNames: ['method', 'route', 'status'],
    registers: [this.registry],
  });
  private readonly durations = new Histogram({
    name: 'conntrack_api_http_request_duration_seconds',
    help: 'Seconds from the arrival of a request to the end of its response, streams included.',
    labelNames: ['method', 'route'],
    buckets: BUCKETS_SECONDS,
    registers: [this.registry],
  });
  private readonly problems = new Counter({
    name: 'conntrack_api_http_problems_total',
    help: 'Responses with a problem document, by code. Includes requests refused before authentication.',
    labelNames: ['code'],
    registers: [this.registry],
  });

  addRequest({ method, route, status, seconds }: CompletedRequest): void {
    const labels = route === undefined ? { method: 'any', route: 'unknown' } : { method, route };
    this.requests.inc({ ...labels, status: String(status) });
    this.durations.observe(labels, seconds);
  }

  addProblem(code: ErrorCode): void {
    this.problems.inc({ code });
  }

  text(): Promise<string> {
    return this.registry.metrics();
  }
}
