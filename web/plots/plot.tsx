import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { Change } from '../api/documents.ts';
import { ChangeMarks } from './change-marks.tsx';
import { toMarks, type Mark } from './marks.ts';
import { plotOptions, type PlotLine } from './plot-options.ts';
import type { Columns } from './series.ts';

const MARKS_APART_PIXELS = 24;

interface PlotProps {
  readonly label: string;
  readonly lines: readonly PlotLine[];
  readonly columns: Columns;
  readonly from: number;
  readonly to: number;
  readonly changes: readonly Change[];
  readonly isDark: boolean;
  /** Called with the sample at the pointer; `null`: none. */
  readonly onCursor: (index: number | null) => void;
}

interface Axis {
  readonly left: number;
  readonly width: number;
  readonly marks: readonly Mark<Change>[];
}

/** Lines over time, with the changes marked on the time axis. */
export function Plot({ label, lines, columns, from, to, changes, isDark, onCursor }: PlotProps): JSX.Element {
  const holder = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const latest = useRef({ changes, from, to });
  const [axis, setAxis] = useState<Axis>({ left: 0, width: 0, marks: [] });
  latest.current = { changes, from, to };
  const names = lines.map(({ name }) => name).join();

  useEffect(() => {
    const element = holder.current;
    if (!element) return undefined;
    const placeMarks = (u: uPlot): void => {
      const at = (change: Change): number => u.valToPos(Date.parse(change.startedAt) / 1000, 'x');
      const { offsetLeft: left, clientWidth: width } = u.over;
      setAxis({ left, width, marks: toMarks(latest.current.changes, at, width, MARKS_APART_PIXELS) });
    };
    const created = new uPlot(
      plotOptions(element, lines, () => latest.current, { onCursor, onDraw: placeMarks }),
      toData(columns),
      element,
    );
    plot.current = created;
    const observer = new ResizeObserver(() => {
      created.setSize({ width: element.clientWidth, height: element.clientHeight });
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      created.destroy();
      plot.current = undefined;
    };
    // A new plot is needed only for other lines or colours; the effect below updates its data.
  }, [names, isDark, onCursor]);
  useEffect(() => {
    plot.current?.setData(toData(columns));
  }, [columns, from, to, changes]);
  return (
    <div class="plot" role="group" aria-label={label}>
      <div class="plot-canvas" ref={holder} />
      <ChangeMarks marks={axis.marks} left={axis.left} width={axis.width} />
    </div>
  );
}

function toData(columns: Columns): uPlot.AlignedData {
  return columns.map((column) => [...column]) as unknown as uPlot.AlignedData;
}
