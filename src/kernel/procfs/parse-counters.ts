import type { CounterReading } from '../../domain/table.ts';

const HEXADECIMAL = /^[0-9a-f]{1,8}$/;
/** The count of the whole table, repeated on every line. */
const NO_COUNTER = 'entries';

/** Per-CPU counters by the names in the header: columns were added, dropped and used anew between kernels. */
export function parseCounters(text: string): CounterReading['perCpu'] {
  const [header = [], ...rows] = text
    .split('\n')
    .map((line) => line.split(' ').filter((word) => word !== ''))
    .filter((words) => words.length > 0);
  return rows.map((row) => Object.fromEntries(header.flatMap((name, column) => counter(name, row[column]))));
}

function counter(name: string, text: string | undefined): readonly [string, number][] {
  return name === NO_COUNTER || text === undefined || !HEXADECIMAL.test(text) ? [] : [[name, Number.parseInt(text, 16)]];
}
