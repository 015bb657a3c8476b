import type { JSX } from 'preact';
import type { PlotLine } from './plot-options.ts';
import { extentOf, type Columns } from './series.ts';

/** The values of the lines as a table, for users who cannot see the plot. */
export function PlotTable({
  caption,
  lines,
  columns,
}: {
  readonly caption: string;
  readonly lines: readonly PlotLine[];
  readonly columns: Columns;
}): JSX.Element {
  return (
    <table class="plot-table">
      <caption>{caption}</caption>
      <thead>
        <tr>
          <th scope="col">line</th>
          <th scope="col">last</th>
          <th scope="col">minimum</th>
          <th scope="col">maximum</th>
        </tr>
      </thead>
      <tbody>
        {lines.map(({ name, format }, line) => {
          const extent = extentOf(columns[line + 1]);
          return (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{format(extent?.last)}</td>
              <td>{format(extent?.minimum)}</td>
              <td>{format(extent?.maximum)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
