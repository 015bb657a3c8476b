import type { JSX } from 'preact';
import type { Conflict } from '../api/documents.ts';
import type { Problem } from '../api/problem.ts';

/** A problem document: title, detail, remedy, code and request id. */
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

function Conflicts({ conflicts }: { readonly conflicts: readonly Conflict[] }): JSX.Element {
  return (
    <ul class="conflicts">
      {conflicts.map(({ subject, expected, found, changedBy }) => (
        <li key={subject}>
          <code>{subject}</code>: expected {expected}, found {found}
          {changedBy === undefined ? ', changed outside this service' : `, changed by change ${String(changedBy)}`}
        </li>
      ))}
    </ul>
  );
}
