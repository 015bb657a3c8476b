import type { JSX } from 'preact';
import type { Problem } from '../api/problem.ts';
import { Conflicts } from './conflicts.tsx';

/** A problem document: what, what happened this time, what can be done, and the names to look it up by. */
export function ProblemNotice({ problem, isQuiet = false }: { readonly problem: Problem; readonly isQuiet?: boolean }): JSX.Element {
  const { title, detail, remedy, code, errors = [], conflicts = [], requestId } = problem;
  return (
    <div class="problem" role={isQuiet ? undefined : 'alert'}>
      <p>
        <strong>{title}.</strong> {detail}
      </p>
      {errors.length > 1 && (
        <ul>
          {errors.map(({ field, expected }) => (
            <li key={field}>
              <code>{field}</code>: expected {expected}
            </li>
          ))}
        </ul>
      )}
      {conflicts.length > 0 && <Conflicts conflicts={conflicts} />}
      {remedy !== undefined && <p class="remedy">{remedy}</p>}
      <p class="hint">
        <code>{code}</code>
        {requestId !== undefined && (
          <>
            {' '}
            · request <code>{requestId}</code>
          </>
        )}
      </p>
    </div>
  );
}
