import type { JSX } from 'preact';
import type { Change } from '../api/documents.ts';
import { kindOf, summaryOf } from '../change/describe.ts';
import { clockTime } from '../format/time.ts';
import type { Mark } from './marks.ts';

interface ChangeMarksProps {
  readonly marks: readonly Mark<Change>[];
  readonly left: number;
  readonly width: number;
}

/** A mark on the time axis for each change. Hover or focus shows the change; the link leads to the list of changes. */
export function ChangeMarks({ marks, left, width }: ChangeMarksProps): JSX.Element {
  return (
    <ul class="marks" style={{ left: `${String(left)}px`, width: `${String(width)}px` }}>
      {marks.map((mark) => (
        <li key={mark.items[0]?.id} style={{ left: `${String(mark.left)}px` }} class={mark.left > width / 2 ? 'to-left' : 'to-right'}>
          <a href="#changes" aria-label={mark.items.map(textOf).join('; ')}>
            {mark.items.length > 1 ? String(mark.items.length) : ''}
          </a>
          <div class="tip" aria-hidden="true">
            {mark.items.slice(-6).map((change) => (
              <p key={change.id}>{textOf(change)}</p>
            ))}
          </div>
        </li>
      ))}
    </ul>
  );
}

function textOf(change: Change): string {
  const reason = change.reason === null ? '' : `, ${change.reason}`;
  return `${clockTime(new Date(change.startedAt))} ${kindOf(change)} ${String(change.id)}: ${summaryOf(change)} (${change.actor.name}${reason})`;
}
