import type { JSX } from 'preact';
import { useCallback, useMemo, useState } from 'preact/hooks';
import type { Change, History } from '../api/documents.ts';
import { kindOf, summaryOf } from '../change/describe.ts';
import { integer, perSecond } from '../format/quantity.ts';
import { dateTime, duration } from '../format/time.ts';
import { Panel } from '../parts/panel.tsx';
import { Legend } from '../plots/legend.tsx';
import { PlotTable } from '../plots/plot-table.tsx';
import type { PlotLine } from '../plots/plot-options.ts';
import { Plot } from '../plots/plot.tsx';
import {
  countersIn,
  DROP_COUNTERS,
  RANGES,
  rateColumns,
  usageColumns,
  USUAL_DROP_COUNTERS,
  type Columns,
  type Range,
} from '../plots/series.ts';
import type { Polled } from '../polling/use-polled.ts';

export interface HistoryView {
  readonly history: History;
  /** Oldest first. */
  readonly changes: readonly Change[];
}

interface HistoryPanelProps {
  readonly view: Polled<HistoryView>;
  readonly range: Range;
  readonly onRange: (range: Range) => void;
  readonly isDark: boolean;
  readonly noAccess: string | undefined;
}

/** In drawing order: the count is drawn over its peak, which usually has the same value. */
const USAGE: readonly PlotLine[] = [
  { name: 'peak', colour: 2, format: integer },
  { name: 'count', colour: 1, format: integer, isFilled: true },
  { name: 'max', colour: 3, format: integer, isDashed: true },
];
const NO_SAMPLES: Pick<History, 'samples' | 'stepSeconds'> = { samples: [], stepSeconds: 10 };

export function HistoryPanel({ view, range, onRange, isDark, noAccess }: HistoryPanelProps): JSX.Element {
  const { value, problem } = view;
  const history = value?.history ?? NO_SAMPLES;
  const changes = value?.changes ?? [];
  const usage = useMemo(() => usageColumns(history), [history]);
  const counters = useMemo(() => {
    const found = countersIn(history.samples);
    return found.length === 0 ? USUAL_DROP_COUNTERS : found;
  }, [history]);
  const rates = useMemo(() => rateColumns(history, counters), [history, counters]);
  const drops = counters.map((name): PlotLine => ({
    name,
    colour: 4 + DROP_COUNTERS.findIndex((each) => each === name),
    format: perSecond,
  }));
  const span = { from: seconds(value?.history.from, Date.now() - range.seconds * 1000), to: seconds(value?.history.to, Date.now()) };
  const shared = { ...span, changes, isDark };
  return (
    <Panel id="history" title="History" problem={problem} noAccess={noAccess} actions={<RangeChoice range={range} onRange={onRange} />}>
      <div class="plots">
        <LabelledPlot title="Entries and maximum" lines={USAGE} columns={usage} {...shared} />
        <LabelledPlot title="Drops and errors per second" lines={drops} columns={rates} {...shared} />
      </div>
      <p class="hint forecast">{value ? forecastOf(value.history) : ' '}</p>
      <details>
        <summary>Show as table</summary>
        <div class="plot-tables">
          <PlotTable caption={`Entries, last ${range.name}`} lines={USAGE} columns={usage} />
          <PlotTable caption={`Per second, last ${range.name}`} lines={drops} columns={rates} />
          <ChangesInRange changes={changes} range={range} />
        </div>
      </details>
    </Panel>
  );
}

type Shared = Pick<Parameters<typeof Plot>[0], 'from' | 'to' | 'changes' | 'isDark'>;

function LabelledPlot({
  title,
  lines,
  columns,
  ...shared
}: Shared & { readonly title: string; readonly lines: readonly PlotLine[]; readonly columns: Columns }): JSX.Element {
  const [index, setIndex] = useState<number | null>(null);
  const onCursor = useCallback(setIndex, []);
  return (
    <figure>
      <figcaption>{title}</figcaption>
      <Legend lines={lines} columns={columns} index={index} />
      <Plot label={`${title}: plot, also shown as a table below`} lines={lines} columns={columns} onCursor={onCursor} {...shared} />
    </figure>
  );
}

function RangeChoice({ range, onRange }: Pick<HistoryPanelProps, 'range' | 'onRange'>): JSX.Element {
  return (
    <fieldset class="segmented">
      <legend class="visually-hidden">Time range</legend>
      {RANGES.map((each) => (
        <label key={each.name}>
          <input
            type="radio"
            name="range"
            checked={each.name === range.name}
            onChange={() => {
              onRange(each);
            }}
          />
          <span>{each.name}</span>
        </label>
      ))}
    </fieldset>
  );
}

function ChangesInRange({ changes, range }: { readonly changes: readonly Change[]; readonly range: Range }): JSX.Element {
  return (
    <table class="plot-table">
      <caption>Changes, last {range.name}</caption>
      <tbody>
        {changes.map((change) => (
          <tr key={change.id}>
            <th scope="row">{dateTime(new Date(change.startedAt), new Date())}</th>
            <td>
              {kindOf(change)} {change.id}: {summaryOf(change)}
            </td>
          </tr>
        ))}
        {changes.length === 0 && (
          <tr>
            <td>No changes</td>
          </tr>
        )}
      </tbody>
    </table>
  );
}

function forecastOf({ forecast, peak, samples }: History): string {
  const highest = peak ? `Highest count recorded: ${integer(peak.count)}, ${dateTime(new Date(peak.at), new Date())}. ` : '';
  if (samples.length === 0) return `${highest}No samples in this range.`;
  if (forecast.secondsToFull !== undefined)
    return `${highest}At the current trend the table will be full in ${duration(forecast.secondsToFull)}.`;
  return highest;
}

function seconds(at: string | undefined, fallbackMilliseconds: number): number {
  return (at === undefined ? fallbackMilliseconds : Date.parse(at)) / 1000;
}
