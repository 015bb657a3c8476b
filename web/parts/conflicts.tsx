import type { JSX } from 'preact';
import type { Conflict } from '../api/problem.ts';

export function Conflicts({ conflicts }: { readonly conflicts: readonly Conflict[] }): JSX.Element {
  return (
    <ul class="conflicts">
      {conflicts.map(({ subject, expected, found, movedBy }) => (
        <li key={subject}>
          <code>{subject}</code>: expected {expected}, found {found}
          {movedBy === undefined ? ', moved outside this service' : `, moved by change ${String(movedBy)}`}
        </li>
      ))}
    </ul>
  );
}
