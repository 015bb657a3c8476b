import type { JSX } from 'preact';
import { clockTime } from './format/time.ts';
import type { Polled } from './polling/use-polled.ts';

/** Whether the table's figures are current; what failed stands at its panel. */
export function Status({ at, problem }: Pick<Polled<unknown>, 'at' | 'problem'>): JSX.Element {
  const text = at === undefined ? '' : clockTime(new Date(at));
  return (
    <p class={`status ${problem ? 'stale' : 'live'}`}>
      <i aria-hidden="true" />
      {problem ? (text === '' ? 'no answer' : `not current, last ${text}`) : text}
    </p>
  );
}
