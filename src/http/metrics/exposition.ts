import { Counter, Gauge, Registry } from 'prom-client';
import type { Family } from './family.ts';

export const EXPOSITION = Registry.PROMETHEUS_CONTENT_TYPE;

/** The metrics in Prometheus' text format. Metrics without series are omitted. */
export function expose(families: readonly Family[]): Promise<string> {
  const registry = new Registry();
  for (const { name, help, type, samples } of families) {
    const [first] = samples;
    if (!first) continue;
    const described = { name, help, labelNames: Object.keys(first.labels), registers: [registry] };
    if (type === 'counter') {
      const metric = new Counter(described);
      for (const { labels, value } of samples) metric.inc(labels, value);
    } else {
      const metric = new Gauge(described);
      for (const { labels, value } of samples) metric.set(labels, value);
    }
  }
  return registry.metrics();
}
