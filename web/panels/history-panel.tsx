import type { JSX } from 'preact';
import { useCallback, useMemo, useState } from 'preact/hooks';
import type { Change, History } from '../api/answers.ts';
import type { Problem } from '../api/problem.ts';
import { kindOf, summaryOf } from '../change/describe.ts';
import { integer, perSecond } from '../format/quantity.ts';
import { duration, moment } from '../format/time.ts';
import { Panel } from '../parts/panel.tsx';
import { Legend } from '../plots/legend.tsx';
import { PlotFigures } from '../plots/plot-figures.tsx';
import type { LineOf } from '../plots/plot-options.ts';
import { Plot } from '../plots/plot.tsx';
import { RANGES, type Range } from '../plots/ranges.ts';
import { countersIn, DROP_COUNTERS, rateColumns, usageColumns, USUAL_DROP_COUNTERS, type Columns } from '../plots/series.ts';
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
  readonly closed: string | undefined;
}

/** In the order of drawing: the count is on top of its peak, which is the same most of the time. */
const USAGE: readonly LineOf[] = [
  { name: 'peak', colour: 2, format: integer },
  { name: 'count', colour: 1, format: integer, isFilled: true },
  { name: 'max', colour: 3, format: integer, isDashed: true },
];
const NO_SAMPLES: Pick<History, 'samples' | 'stepSeconds'> = { samples: [], stepSeconds: 10 };

export function HistoryPanel({ view, range, onRange, isDark, closed }: HistoryPanelProps): JSX.Element {
  const { value, problem } = view;
  const history = value?.history ?? NO_SAMPLES;
  const changes = value?.changes ?? [];
  const usage = useMemo(() => usageColumns(history), [history]);
  const counters = useMemo(() => {
    const found = countersIn(history.samples);
    return found.length === 0 ? USUAL_DROP_COUNTERS : found;
  }, [history]);
  const rates = useMemo(() => rateColumns(history, counters), [history, counters]);
  const drops = counters.map((name): LineOf => ({ name, colour: 4 + DROP_COUNTERS.findIndex((each) => each === name), format: perSecond }));
  const span = { from: seconds(value?.history.from, Date.now() - range.seconds * 1000), to: seconds(value?.history.to, Date.now()) };
  const shared = { ...span, changes, isDark };
  return (
    <Panel
      id="history"
      title="Over time"
      problem={explained(problem)}
      closed={closed}
      actions={<RangeChoice range={range} onRange={onRange} />}
    >
      <div class="plots">
        <LabelledPlot title="Entries and maximum" lines={USAGE} columns={usage} {...shared} />
        <LabelledPlot title="Drops and refusals, per second" lines={drops} columns={rates} {...shared} />
      </div>
      <p class="hint forecast">{value ? forecastOf(value.history) : ' '}</p>
      <details>
        <summary>The same in figures</summary>
        <div class="figures-list">
          <PlotFigures caption={`Entries, last ${range.name}`} lines={USAGE} columns={usage} />
          <PlotFigures caption={`Per second, last ${range.name}`} lines={drops} columns={rates} />
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
}: Shared & { readonly title: string; readonly lines: readonly LineOf[]; readonly columns: Columns }): JSX.Element {
  const [index, setIndex] = useState<number | null>(null);
  const onCursor = useCallback(setIndex, []);
  return (
    <figure>
      <figcaption>{title}</figcaption>
      <Legend lines={lines} columns={columns} index={index} />
      <Plot label={`${title}: plot, the figures are below`} lines={lines} columns={columns} onCursor={onCursor} {...shared} />
    </figure>
  );
}

function RangeChoice({ range, onRange }: Pick<HistoryPanelProps, 'range' | 'onRange'>): JSX.Element {
  return (
    <fieldset class="segmented">
      <legend class="unseen">Time range</legend>
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
    <table class="figures">
      <caption>Changes, last {range.name}</caption>
      <tbody>
        {changes.map((change) => (
          <tr key={change.id}>
            <th scope="row">{moment(new Date(change.startedAt), new Date())}</th>
            <td>
              {kindOf(change)} {change.id}: {summaryOf(change)}
            </td>
          </tr>
        ))}
        {changes.length === 0 && (
          <tr>
            <td>none</td>
          </tr>
        )}
      </tbody>
    </table>
  );
}

function forecastOf({ forecast, peak, samples }: History): string {
  const highest = peak ? `Highest ever seen: ${integer(peak.count)}, ${moment(new Date(peak.at), new Date())}. ` : '';
  if (samples.length === 0) return `${highest}No samples in this range yet.`;
  if (forecast?.secondsToFull !== undefined)
    return `${highest}If it goes on like this the table is full in ${duration(forecast.secondsToFull)}.`;
  return highest;
}

function seconds(at: string | undefined, otherwiseMilliseconds: number): number {
  return (at === undefined ? otherwiseMilliseconds : Date.parse(at)) / 1000;
}

/** An older service has no such path. */
function explained(problem: Problem | undefined): Problem | undefined {
  if (problem?.code !== 'ROUTE_NOT_FOUND') return problem;
  const detail = 'This version of the service keeps no history: the plots stay empty.';
  return { ...problem, title: 'No history', detail, remedy: 'Update the service.' };
}
