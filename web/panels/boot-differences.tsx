import type { JSX } from 'preact';
import type { BootResult } from '../api/answers.ts';
import { integer } from '../format/quantity.ts';
import { ProblemNotice } from '../parts/problem-notice.tsx';
import type { Polled } from '../polling/use-polled.ts';
import { FindingList } from './finding-list.tsx';

/** Which live values the next boot would not bring back. */
export function BootDifferences({ boot: { value, problem } }: { readonly boot: Polled<BootResult> }): JSX.Element {
  if (problem?.code === 'ROUTE_NOT_FOUND') return <p class="hint">This version of the service does not look ahead to the next boot.</p>;
  if (problem) return <ProblemNotice problem={problem} isQuiet />;
  if (!value) return <p class="hint">…</p>;
  const { differences, findings = [] } = value;
  const remarkable = findings.filter(({ level }) => level !== 'information');
  return (
    <>
      {differences && differences.length === 0 && <p class="quiet">Every value would be the same.</p>}
      {differences && differences.length > 0 && (
        <ul class="differences">
          {differences.map(({ name, live, atNextBoot }) => (
            <li key={name}>
              <code>{name}</code> {integer(live)} → {atNextBoot === undefined ? 'cannot be told' : integer(atNextBoot)}
            </li>
          ))}
        </ul>
      )}
      {remarkable.length > 0 && <FindingList findings={remarkable} />}
    </>
  );
}
