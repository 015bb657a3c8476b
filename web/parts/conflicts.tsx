import type { JSX } from 'preact';
import type { Conflict } from '../api/problem.ts';

export function Conflicts({ conflicts }: { readonly conflicts: readonly Conflict[] }): JSX.Element {
  return (
    <ul class="conflicts">
      {conflicts.map(({ subject, expected, found, changedBy }) => (
        <li key={subject}>
          <code>{subject}</code>: expected {expected}, found {found}
          {changedBy === undefined ? ', moved outside this service' : `, moved by change ${String(changedBy)}`}
        </li>
      ))}
    </ul>
  );
}
