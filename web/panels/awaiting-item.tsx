import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Change } from '../api/documents.ts';
import { problemOf, type Problem } from '../api/problem.ts';
import { newIdempotencyKey } from '../api/request.ts';
import { summaryOf } from '../change/describe.ts';
import { ActionButton } from '../parts/action-button.tsx';
import { ProblemNotice } from '../parts/problem-notice.tsx';
import { whyNot } from '../session/scopes.ts';
import { useSession } from '../session/session.ts';
import { TimeLeft } from './time-left.tsx';

interface AwaitingItemProps {
  readonly change: Change;
  /** The time by the service's clock. */
  readonly now: number;
  readonly onChanged: () => void;
}

export function AwaitingItem({ change, now, onChanged }: AwaitingItemProps): JSX.Element {
  const { api, whoami } = useSession();
  const [key] = useState(newIdempotencyKey);
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const confirm = async (): Promise<void> => {
    setBusy(true);
    try {
      await api.confirm(change.id, key);
    } catch (error) {
      setProblem(problemOf(error));
    }
    setBusy(false);
    onChanged();
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
          {change.persistAtConfirmation ? '. Confirming also writes the boot files.' : ''}
        </span>
      </p>
      <div class="awaiting-row">
        <TimeLeft change={change} now={now} />
        <ActionButton
          onAct={() => void confirm()}
          isPrimary
          isBusy={isBusy}
          whyNot={whyNot(whoami, 'settings:write', ...(change.persistAtConfirmation ? (['settings:persist'] as const) : []))}
          label={`Confirm change ${String(change.id)}`}
        >
          Confirm
        </ActionButton>
      </div>
      {problem && <ProblemNotice problem={problem} />}
    </div>
  );
}
