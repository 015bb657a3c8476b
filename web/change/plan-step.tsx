import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Terms } from '../api/api.ts';
import { ActionButton } from '../parts/action-button.tsx';
import { ProblemNotice } from '../parts/problem-notice.tsx';
import { missingFor } from './describe.ts';
import { PlanView } from './plan-view.tsx';
import type { Planned, PlannedChange } from './use-planned.ts';

interface PlanStepProps<R extends Terms> {
  readonly change: PlannedChange<R>;
  readonly planned: Planned<R>;
  readonly verb: string;
  readonly onDone: () => void;
  readonly onBack: () => void;
}

/** The second step of a change: the plan, the risks to accept, and the button that applies the plan. */
export function PlanStep<R extends Terms>({ change, planned, verb, onDone, onBack }: PlanStepProps<R>): JSX.Element {
  const [acknowledged, setAcknowledged] = useState<readonly string[]>([]);
  const apply = async (): Promise<void> => {
    if (await change.apply(acknowledged)) onDone();
  };
  return (
    <>
      <PlanView
        plan={planned.plan}
        acknowledged={acknowledged}
        onAcknowledge={(code, isAccepted) => {
          setAcknowledged((codes) => [...codes.filter((each) => each !== code), ...(isAccepted ? [code] : [])]);
        }}
      />
      {change.problem && <ProblemNotice problem={change.problem} />}
      <div class="actions">
        <ActionButton isPrimary isBusy={change.isBusy} whyNot={missingFor(planned.plan.risks, acknowledged)} onAct={() => void apply()}>
          {change.isBusy ? 'Applying …' : verb}
        </ActionButton>
        <button type="button" onClick={onBack}>
          Back
        </button>
      </div>
    </>
  );
}
