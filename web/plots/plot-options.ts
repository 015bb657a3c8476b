import type uPlot from 'uplot';
import { short } from '../format/quantity.ts';

/** One line of a plot; the CSS class `line-N` defines its colour. */
export interface PlotLine {
  readonly name: string;
  readonly colour: number;
  readonly format: (value: number | null | undefined) => string;
  readonly isDashed?: boolean;
  readonly isFilled?: boolean;
}

interface PlotEvents {
  readonly onCursor: (index: number | null) => void;
  readonly onDraw: (plot: uPlot) => void;
}

/** The height that plots.css leaves for the axis below the marks. */
const AXIS_PIXELS = 30;
const FONT = '11px system-ui, sans-serif';

/** @param element the element whose styles define the colours */
export function plotOptions(
  element: HTMLElement,
  lines: readonly PlotLine[],
  range: () => { readonly from: number; readonly to: number },
  { onCursor, onDraw }: PlotEvents,
): uPlot.Options {
  const axis: uPlot.Axis = {
    stroke: colourOf(element, 'axis-text'),
    font: FONT,
    grid: { stroke: colourOf(element, 'axis-grid'), width: 1 },
    ticks: { stroke: colourOf(element, 'axis-grid'), width: 1, size: 4 },
  };
  return {
    width: element.clientWidth,
    height: element.clientHeight,
    legend: { show: false },
    cursor: { drag: { x: false, y: false }, points: { size: 6 } },
    scales: {
      x: { time: true, range: () => [range().from, range().to] },
      // From 0, so that heights are comparable, and never an empty range.
      y: { range: (_plot, _minimum, maximum) => [0, maximum > 0 ? maximum * 1.08 : 1] },
    },
    axes: [
      { ...axis, size: AXIS_PIXELS, space: 70, values: timeLabels },
      { ...axis, size: 48, space: 34, values: (_plot, splits) => splits.map(short) },
    ],
    series: [{}, ...lines.map((line) => seriesOf(element, line))],
    hooks: {
      setCursor: [
        (plot) => {
          onCursor(plot.cursor.idx ?? null);
        },
      ],
      draw: [onDraw],
    },
  };
}

function seriesOf(element: HTMLElement, { name, colour, isDashed, isFilled }: PlotLine): uPlot.Series {
  const stroke = colourOf(element, `line-${String(colour)}`);
  return {
    label: name,
    stroke,
    width: 1.5,
    points: { show: false },
    ...(isDashed && { dash: [5, 4] }),
    ...(isFilled && { fill: colourOf(element, `fill-${String(colour)}`) }),
  };
}

const HOUR_SECONDS = 3_600;
const DAY = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric' });
const MINUTE = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });

/** Hours and minutes; days when the labels are at least 12 hours apart. */
function timeLabels(_plot: uPlot, splits: number[], _axis: number, _space: number, increment: number): string[] {
  return splits.map((seconds) => (increment >= 12 * HOUR_SECONDS ? DAY : MINUTE).format(new Date(seconds * 1000)));
}

/** uPlot needs colour values instead of CSS classes. */
function colourOf(element: HTMLElement, className: string): string {
  const probe = document.createElement('span');
  probe.className = className;
  element.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
