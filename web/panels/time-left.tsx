import type { JSX } from 'preact';
import type { Change } from '../api/documents.ts';
import { countdown } from '../format/time.ts';

/** The countdown of a change awaiting confirmation, and the remaining part of its window. */
export function TimeLeft({ change, now }: { readonly change: Change; readonly now: number }): JSX.Element {
  const left = Date.parse(change.confirmBy ?? '') - now;
  const total = (change.confirmWithinSeconds ?? 0) * 1000;
  const share = total > 0 ? Math.max(0, Math.min(1, left / total)) : 0;
  return (
    <>
      <p class="countdown" role="timer" aria-label={`Time left to confirm change ${String(change.id)}`}>
        {countdown(left)}
      </p>
      <svg class="time-left" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">
        <rect width={(share * 100).toFixed(2)} height="1" />
      </svg>
    </>
  );
}
