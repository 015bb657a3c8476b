/** A metric in the Prometheus text format, limited to what this service writes. */
export interface Metric {
  readonly type: string;
  readonly help: string;
  /** Values by the labels as written: `{code="UNAUTHENTICATED"}`, or empty without labels. */
  readonly series: Readonly<Record<string, number>>;
}

const LINE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{.*\})? (\S+)$/;
/** Suffixes of the series of a histogram. */
const PARTS = /_(bucket|sum|count)$/;

/** Metrics by name. @throws Error for an invalid line, or a sample before the HELP and TYPE of its metric */
export function parseExposition(text: string): ReadonlyMap<string, Metric> {
  const metrics = new Map<string, { type: string; help: string; series: Record<string, number> }>();
  const described = (name: string) => {
    const metric = metrics.get(name) ?? { type: '', help: '', series: {} };
    metrics.set(name, metric);
    return metric;
  };
  for (const line of text.split('\n').filter((each) => each !== '')) {
    const [, kind, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (kind === 'HELP') described(name).help = rest;
    else if (kind === 'TYPE') described(name).type = rest;
    else addSample(metrics, line);
  }
  return metrics;
}

/** The value of one series. */
export function valueOf(metrics: ReadonlyMap<string, Metric>, name: string, labels = ''): number | undefined {
  return metrics.get(name)?.series[labels];
}

/** Every name that a query can use: a histogram has three. */
export function queryableNames(metrics: ReadonlyMap<string, Metric>): ReadonlySet<string> {
  return new Set(
    [...metrics].flatMap(([name, { type }]) => (type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name])),
  );
}

function addSample(metrics: Map<string, { series: Record<string, number> }>, line: string): void {
  const [, name = '', labels = '', value = ''] = LINE.exec(line) ?? [];
  const own = metrics.get(name);
  const metric = own ?? metrics.get(name.replace(PARTS, ''));
  if (!metric || Number.isNaN(Number(value))) throw new Error(`Expected a sample of a described metric, found ${JSON.stringify(line)}.`);
  metric.series[own ? labels : `${name}${labels}`] = Number(value);
}
