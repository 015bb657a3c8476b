import { useState } from 'preact/hooks';
import type { Change, DryRun } from '../api/documents.ts';
import type { Conditions, Terms } from '../api/api.ts';
import { problemOf, type Problem } from '../api/problem.ts';
import { newIdempotencyKey, type ApiResponse } from '../api/request.ts';
import { useSession } from '../session/session.ts';

export interface PlannedCalls<R extends Terms> {
  readonly plan: (request: R, ifMatch: string | undefined) => Promise<ApiResponse<DryRun>>;
  readonly run: (request: R, conditions: Conditions) => Promise<ApiResponse<Change>>;
}

/** A plan, and the state of the host for which it was computed. */
export interface Planned<R> {
  readonly request: R;
  readonly plan: DryRun;
  readonly conditions: Conditions;
}

export interface PlannedChange<R extends Terms> {
  readonly planned: Planned<R> | undefined;
  readonly problem: Problem | undefined;
  readonly isBusy: boolean;
  readonly requestPlan: (request: R) => Promise<void>;
  /** Resolves to whether the plan was applied. A retry after a lost response applies it only once. */
  readonly apply: (acknowledge: readonly string[]) => Promise<boolean>;
  readonly discardPlan: () => void;
}

/** Requests a plan and then applies exactly that plan, provided that the host is still in the state for which it was computed. */
export function usePlanned<R extends Terms>(calls: PlannedCalls<R>): PlannedChange<R> {
  const { api, whoami } = useSession();
  const [planned, setPlanned] = useState<Planned<R>>();
  const [problem, setProblem] = useState<Problem>();
  const [isBusy, setBusy] = useState(false);
  const attempt = async (work: () => Promise<void>): Promise<boolean> => {
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
  const requestPlan = async (request: R): Promise<void> => {
    await attempt(async () => {
      const ifMatch = whoami.scopes.includes('table:read') ? (await api.settings()).etag : undefined;
      const { body: plan } = await calls.plan(request, ifMatch);
      setPlanned({ request, plan, conditions: { ifMatch, idempotencyKey: newIdempotencyKey() } });
    });
  };
  const apply = (acknowledge: readonly string[]): Promise<boolean> =>
    attempt(async () => {
      if (!planned) return;
      const { request, conditions } = planned;
      await calls.run(acknowledge.length === 0 ? request : { ...request, acknowledge }, conditions);
    });
  const discardPlan = (): void => {
    setPlanned(undefined);
    setProblem(undefined);
  };
  return { planned, problem, isBusy, requestPlan, apply, discardPlan };
}
