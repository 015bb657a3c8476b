import type { ComponentChildren, JSX } from 'preact';
import type { Problem } from '../api/problem.ts';
import { ProblemNotice } from './problem-notice.tsx';

interface PanelProps {
  readonly id: string;
  readonly title: string;
  readonly actions?: ComponentChildren;
  /** Why there is no content, or why it is outdated. */
  readonly problem?: Problem | undefined;
  /** Why the token may not read the content. */
  readonly noAccess?: string | undefined;
  readonly children?: ComponentChildren;
}

/** A titled section of the page. A problem is shown above the last known content. */
export function Panel({ id, title, actions, problem, noAccess, children }: PanelProps): JSX.Element {
  return (
    <section class={`card panel ${id}`} id={id} aria-labelledby={`${id}-title`} tabIndex={-1}>
      <header>
        <h2 id={`${id}-title`}>{title}</h2>
        {actions}
      </header>
      {problem && <ProblemNotice problem={problem} isQuiet />}
      {noAccess === undefined ? children : <p class="hint">{noAccess}</p>}
    </section>
  );
}
