import type { JSX } from 'preact';
import type { Table } from '../api/documents.ts';
import { bytes, decimal, integer, NOTHING, percent } from '../format/quantity.ts';
import { Panel } from '../parts/panel.tsx';
import type { Polled } from '../polling/use-polled.ts';
import { fullness, Gauge } from './gauge.tsx';

export function GaugePanel({
  table: { value, problem },
  noAccess,
}: {
  readonly table: Polled<Table>;
  readonly noAccess: string | undefined;
}): JSX.Element {
  return (
    <Panel id="use" title="Table usage" problem={problem} noAccess={noAccess}>
      <Gauge share={value?.utilisation} level={fullness(value)} text={shareText(value)} />
      <dl class="facts">
        <Fact name="count" value={integer(value?.count)} unit="entries" />
        <Fact name="max" value={value?.max === 0 ? 'unlimited' : integer(value?.max)} unit={value?.max === 0 ? '' : 'entries'} />
        <Fact name="buckets" value={integer(value?.buckets)} unit="" />
        <Fact name="average chain length" value={decimal(value?.averageChainLength)} unit="entries" />
        <Fact name="memory now" value={upTo(value?.memory.entriesBytes?.maximum)} unit="" />
        <Fact name="memory when full" value={upTo(value?.memory.fullBytes?.maximum)} unit="" />
      </dl>
      {value && value.unavailable.length > 0 && (
        <details class="unavailable">
          <summary>{value.unavailable.length === 1 ? '1 value' : `${String(value.unavailable.length)} values`} unavailable</summary>
          <ul>
            {value.unavailable.map(({ field, detail, remedy }) => (
              <li key={field}>
                <code>{field}</code>: {detail} {remedy}
              </li>
            ))}
          </ul>
        </details>
      )}
    </Panel>
  );
}

function Fact({ name, value, unit }: { readonly name: string; readonly value: string; readonly unit: string }): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {value}
        {value !== NOTHING && unit !== '' && <small> {unit}</small>}
      </dd>
    </div>
  );
}

function upTo(value: number | undefined): string {
  return value === undefined ? NOTHING : `≤ ${bytes(value)}`;
}

function shareText(table: Table | undefined): string {
  if (!table) return NOTHING;
  return table.max === 0 ? 'no limit' : percent(table.utilisation);
}
