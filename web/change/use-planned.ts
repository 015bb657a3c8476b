import { useState } from 'preact/hooks';
import type { Change, Plan } from '../api/answers.ts';
import type { Conditions, Terms } from '../api/api.ts';
import type { Answer } from '../api/ask.ts';
import { newKey } from '../api/new-key.ts';
import { problemOf, type Problem } from '../api/problem.ts';
import { useSession } from '../session/session.ts';

export interface PlannedCalls<R extends Terms> {
  readonly plan: (request: R, ifMatch: string | undefined) => Promise<Answer<Plan>>;
  readonly run: (request: R, conditions: Conditions) => Promise<Answer<Change>>;
}

/** A plan, and the state of the host that it was made for. */
export interface Planned<R> {
  readonly request: R;
  readonly plan: Plan;
  readonly conditions: Conditions;
}

export interface PlannedChange<R extends Terms> {
  readonly planned: Planned<R> | undefined;
  readonly problem: Problem | undefined;
  readonly isBusy: boolean;
  readonly makePlan: (request: R) => Promise<void>;
  /** Resolves to whether it was done. Done again after no answer came, it happens once all the same. */
  readonly carryOut: (acknowledge: readonly string[]) => Promise<boolean>;
  readonly forgetPlan: () => void;
}

/** Plan first, then do exactly that: carried out only while the host is still in the state that the plan was made for. */
export function usePlanned<R extends Terms>(calls: PlannedCalls<R>): PlannedChange<R> {
  const { api, whoami } = useSession();
  const [planned, setPlanned] = useState<Planned<R>>();
  const [problem, setProblem] = useState<Problem>();
  const [isBusy, setBusy] = useState(false);
  const guarded = async (work: () => Promise<void>): Promise<boolean> => {
    setBusy(true);
    setProblem(undefined);
    try {
      await work();
      return true;
    } catch (error) {
      setProblem(problemOf(error));
      return false;
    } finally {
      setBusy(false);
    }
  };
  const makePlan = async (request: R): Promise<void> => {
    await guarded(async () => {
      const ifMatch = whoami.scopes.includes('table:read') ? (await api.settings()).etag : undefined;
      const { body: plan } = await calls.plan(request, ifMatch);
      setPlanned({ request, plan, conditions: { ifMatch, idempotencyKey: newKey() } });
    });
  };
  const carryOut = (acknowledge: readonly string[]): Promise<boolean> =>
    guarded(async () => {
      if (!planned) return;
      const { request, conditions } = planned;
      await calls.run(acknowledge.length === 0 ? request : { ...request, acknowledge }, conditions);
    });
  const forgetPlan = (): void => {
    setPlanned(undefined);
    setProblem(undefined);
  };
  return { planned, problem, isBusy, makePlan, carryOut, forgetPlan };
}
