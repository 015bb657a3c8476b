import type { JSX } from 'preact';
import type { LineOf } from './plot-options.ts';
import { extentOf, type Columns } from './series.ts';

/** What the lines show, in figures: for whoever does not see them. */
export function PlotFigures({
  caption,
  lines,
  columns,
}: {
  readonly caption: string;
  readonly lines: readonly LineOf[];
  readonly columns: Columns;
}): JSX.Element {
  return (
    <table class="figures">
      <caption>{caption}</caption>
      <thead>
        <tr>
          <th scope="col">line</th>
          <th scope="col">last</th>
          <th scope="col">lowest</th>
          <th scope="col">highest</th>
        </tr>
      </thead>
      <tbody>
        {lines.map(({ name, format }, line) => {
          const extent = extentOf(columns[line + 1]);
          return (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{format(extent?.last)}</td>
              <td>{format(extent?.least)}</td>
              <td>{format(extent?.most)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
