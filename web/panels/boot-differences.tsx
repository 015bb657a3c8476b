import type { JSX } from 'preact';
import type { Boot } from '../api/documents.ts';
import { integer } from '../format/quantity.ts';
import { ProblemNotice } from '../parts/problem-notice.tsx';
import type { Polled } from '../polling/use-polled.ts';
import { FindingList } from './finding-list.tsx';

/** The live values that the next boot would change. */
export function BootDifferences({ boot: { value, problem } }: { readonly boot: Polled<Boot> }): JSX.Element {
  if (problem) return <ProblemNotice problem={problem} isQuiet />;
  if (!value) return <p class="hint">…</p>;
  const { differences, findings } = value;
  const problems = findings.filter(({ level }) => level !== 'information');
  return (
    <>
      {differences.length === 0 && <p class="quiet">No values would change.</p>}
      {differences.length > 0 && (
        <ul class="differences">
          {differences.map(({ name, live, atNextBoot }) => (
            <li key={name}>
              <code>{name}</code> {integer(live)} → {integer(atNextBoot)}
            </li>
          ))}
        </ul>
      )}
      {problems.length > 0 && <FindingList findings={problems} />}
    </>
  );
}
