import type { ComponentChildren, JSX } from 'preact';
import type { Problem } from '../api/problem.ts';
import { ProblemNotice } from './problem-notice.tsx';

interface PanelProps {
  readonly id: string;
  readonly title: string;
  readonly actions?: ComponentChildren;
  /** Why there is nothing to show, or why what is shown is old. */
  readonly problem?: Problem | undefined;
  /** Why this token does not see it. */
  readonly closed?: string | undefined;
  readonly children?: ComponentChildren;
}

/** A named part of the screen. What keeps it from being current stands above what it last showed. */
export function Panel({ id, title, actions, problem, closed, children }: PanelProps): JSX.Element {
  return (
    <section class={`card panel ${id}`} id={id} aria-labelledby={`${id}-title`} tabIndex={-1}>
      <header>
        <h2 id={`${id}-title`}>{title}</h2>
        {actions}
      </header>
      {problem && <ProblemNotice problem={problem} isQuiet />}
      {closed === undefined ? children : <p class="hint">{closed}</p>}
    </section>
  );
}
