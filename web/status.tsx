import type { JSX } from 'preact';
import { clockTime } from './format/time.ts';
import type { Polled } from './polling/use-polled.ts';

/** Whether the values of the table are current. The panel shows the reason if not. */
export function Status({ at, problem }: Pick<Polled<unknown>, 'at' | 'problem'>): JSX.Element {
  const text = at === undefined ? '' : clockTime(new Date(at));
  return (
    <p class={`status ${problem ? 'stale' : 'live'}`}>
      <i aria-hidden="true" />
      {problem ? (text === '' ? 'no response' : `not current, last update ${text}`) : text}
    </p>
  );
}
