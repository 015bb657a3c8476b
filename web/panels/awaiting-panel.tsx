import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Change, ChangePage } from '../api/answers.ts';
import { problemOf, type Problem } from '../api/problem.ts';
import { summaryOf } from '../change/describe.ts';
import { countdown } from '../format/time.ts';
import { ActionButton } from '../parts/action-button.tsx';
import { Panel } from '../parts/panel.tsx';
import { ProblemNotice } from '../parts/problem-notice.tsx';
import { useNow } from '../polling/use-now.ts';
import type { Polled } from '../polling/use-polled.ts';
import { useSession, whyNot } from '../session/session.ts';

interface AwaitingPanelProps {
  readonly awaiting: Polled<ChangePage>;
  readonly closed: string | undefined;
  readonly onChanged: () => void;
}

/** Changes that undo themselves unless somebody confirms them, with the time that is left. */
export function AwaitingPanel({ awaiting: { value, problem }, closed, onChanged }: AwaitingPanelProps): JSX.Element {
  const { api } = useSession();
  const items = value?.items ?? [];
  const now = useNow(250, items.length > 0);
  return (
    <Panel id="awaiting" title="Awaiting confirmation" problem={problem} closed={closed}>
      {items.length === 0 && <p class="quiet">{value ? 'No change waits to be confirmed.' : '…'}</p>}
      {items.map((change) => (
        <Awaiting key={change.id} change={change} now={now + api.clockAhead.milliseconds} onChanged={onChanged} />
      ))}
    </Panel>
  );
}

function Awaiting({
  change,
  now,
  onChanged,
}: {
  readonly change: Change;
  readonly now: number;
  readonly onChanged: () => void;
}): JSX.Element {
  const { api, whoami } = useSession();
  const [key] = useState(() => crypto.randomUUID());
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const left = Date.parse(change.confirmBy ?? '') - now;
  const total = (change.confirmWithinSeconds ?? 0) * 1000;
  const needed = change.persistAtConfirmation ? (['settings:write', 'settings:persist'] as const) : (['settings:write'] as const);
  const confirm = (): void => {
    setBusy(true);
    api
      .confirm(change.id, key)
      .then(onChanged, (error: unknown) => {
        setProblem(problemOf(error));
        onChanged();
      })
      .finally(() => {
        setBusy(false);
      });
  };
  return (
    <div class="awaiting-item">
      <p>
        <strong>
          Change {change.id}: {summaryOf(change)}
        </strong>
        <br />
        <span class="hint">
          {change.actor.name}
          {change.reason === null ? '' : `: ${change.reason}`}
          {change.persistAtConfirmation ? '. Boot files are written when it is confirmed.' : ''}
        </span>
      </p>
      <div class="awaiting-row">
        <p class="countdown" role="timer" aria-label={`Time left to confirm change ${String(change.id)}`}>
          {countdown(left)}
        </p>
        <svg class="time-left" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">
          <rect width={total > 0 ? Math.max(0, Math.min(100, (left / total) * 100)).toFixed(2) : '0'} height="1" />
        </svg>
        <ActionButton
          onAct={confirm}
          isPrimary
          isBusy={isBusy}
          whyNot={whyNot(whoami, ...needed)}
          label={`Confirm change ${String(change.id)}`}
        >
          Confirm
        </ActionButton>
      </div>
      {problem && <ProblemNotice problem={problem} />}
    </div>
  );
}
