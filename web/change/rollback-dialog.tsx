import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Change } from '../api/documents.ts';
import type { RollbackRequest } from '../api/api.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Field } from '../parts/field.tsx';
import { ProblemNotice } from '../parts/problem-notice.tsx';
import { useSession } from '../session/session.ts';
import { summaryOf } from './describe.ts';
import { PlanStep } from './plan-step.tsx';
import { usePlanned, type PlannedChange } from './use-planned.ts';

/** Refusals that `force` overrides. */
const FORCEABLE: readonly string[] = ['STATE_CHANGED', 'AWAITING_CONFIRMATION'];

interface RollbackDialogProps {
  readonly change: Change;
  readonly onClose: () => void;
  readonly onChanged: () => void;
}

/** Shows the plan of a rollback, or the reason why it is refused, before anything is changed. */
export function RollbackDialog({ change, onClose, onChanged }: RollbackDialogProps): JSX.Element {
  const { api } = useSession();
  const [reason, setReason] = useState('');
  const [force, setForce] = useState(false);
  const rollback = usePlanned<RollbackRequest>({
    // The ETag is that of the settings of the service's own network namespace.
    plan: (request, ifMatch) => api.planRollback(change.id, request, isAboutSettings(change) ? ifMatch : undefined),
    run: (request, conditions) =>
      api.rollBack(
        change.id,
        { ...request, ...(reason.trim() !== '' && { reason: reason.trim() }) },
        isAboutSettings(change) ? conditions : { ...conditions, ifMatch: undefined },
      ),
  });
  const { requestPlan } = rollback;
  useEffect(() => {
    void requestPlan({ force });
    // A new plan for each choice. `requestPlan` is not a dependency because every render creates a new function.
  }, [force]);
  const done = (): void => {
    onChanged();
    onClose();
  };
  return (
    <Dialog title={`Roll back change ${String(change.id)}`} onClose={onClose}>
      <p>
        Change {change.id}: {summaryOf(change)}
      </p>
      {rollback.planned ? (
        <>
          <Field label="Reason" hint="Recorded in the journal." value={reason} maxLength={500} onInput={setReason} />
          <PlanStep change={rollback} planned={rollback.planned} verb="Roll back" onDone={done} onBack={onClose} />
        </>
      ) : (
        <RollbackBlocked rollback={rollback} force={force} onForce={setForce} onClose={onClose} />
      )}
    </Dialog>
  );
}

function isAboutSettings({ namespace, update }: Change): boolean {
  return !namespace && !update;
}

interface RollbackBlockedProps {
  readonly rollback: PlannedChange<RollbackRequest>;
  readonly force: boolean;
  readonly onForce: (force: boolean) => void;
  readonly onClose: () => void;
}

function RollbackBlocked({ rollback: { problem, isBusy }, force, onForce, onClose }: RollbackBlockedProps): JSX.Element {
  return (
    <>
      {isBusy && <p class="hint">Planning …</p>}
      {problem && <ProblemNotice problem={problem} />}
      {FORCEABLE.includes(problem?.code ?? '') && (
        <label class="check">
          <input
            type="checkbox"
            checked={force}
            onChange={({ currentTarget }) => {
              onForce(currentTarget.checked);
            }}
          />
          <span>
            Overwrite later changes
            <small class="hint">Shows the plan. Nothing is changed yet.</small>
          </span>
        </label>
      )}
      <div class="actions">
        <button type="button" onClick={onClose}>
          Close
        </button>
      </div>
    </>
  );
}
