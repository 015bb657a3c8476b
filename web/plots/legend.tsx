import type { JSX } from 'preact';
import { NOTHING } from '../format/quantity.ts';
import { clockTime } from '../format/time.ts';
import type { PlotLine } from './plot-options.ts';
import type { Columns } from './series.ts';

interface LegendProps {
  readonly lines: readonly PlotLine[];
  readonly columns: Columns;
  /** `null`: the last sample. */
  readonly index: number | null;
}

/** Names and colours of the lines, with their values at the pointer or else the last values. */
export function Legend({ lines, columns, index }: LegendProps): JSX.Element {
  const times = columns[0] ?? [];
  const at = index ?? times.length - 1;
  const time = times[at];
  return (
    <p class="legend">
      <span class="legend-time">{time === undefined || time === null ? NOTHING : clockTime(new Date(time * 1000))}</span>
      {lines.map(({ name, colour, format, isDashed }, line) => (
        <span key={name} class={`legend-item line-${String(colour)}`}>
          <i class={isDashed ? 'dashed' : ''} />
          <span>{name}</span> <b>{format(columns[line + 1]?.[at])}</b>
        </span>
      ))}
    </p>
  );
}
