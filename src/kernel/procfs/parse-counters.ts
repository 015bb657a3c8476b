import type { CounterReading } from '../../domain/table.ts';

const HEXADECIMAL = /^[0-9a-f]{1,8}$/;
/** The count of the whole table, repeated on every line. It is not a counter. */
const TABLE_COUNT = 'entries';

/** Per-CPU counters by the names in the header. Kernel versions add, remove and reuse columns. */
export function parseCounters(text: string): CounterReading['perCpu'] {
  const [header = [], ...rows] = text
    .split('\n')
    .map((line) => line.split(' ').filter((word) => word !== ''))
    .filter((words) => words.length > 0);
  return rows.map((row) => Object.fromEntries(header.flatMap((name, column) => counter(name, row[column]))));
}

function counter(name: string, text: string | undefined): readonly [string, number][] {
  return name === TABLE_COUNT || text === undefined || !HEXADECIMAL.test(text) ? [] : [[name, Number.parseInt(text, 16)]];
}
