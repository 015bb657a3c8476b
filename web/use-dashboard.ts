import { useCallback, useMemo } from 'preact/hooks';
import type { BootResult, ChangePage, SettingList, Table } from './api/answers.ts';
import type { Answer } from './api/ask.ts';
import type { HistoryView } from './panels/history-panel.tsx';
import { PAGE } from './panels/changes-panel.tsx';
import type { Range } from './plots/ranges.ts';
import { usePolled, type Polled } from './polling/use-polled.ts';
import { whyNot } from './session/scopes.ts';
import { useSession } from './session/session.ts';

const TABLE_MILLISECONDS = 5_000;
const RECORD_MILLISECONDS = 10_000;
const BOOT_MILLISECONDS = 60_000;
const MARKS_MAX = 200;

export interface Dashboard {
  readonly table: Polled<Table>;
  readonly settings: Polled<Answer<SettingList>>;
  readonly awaiting: Polled<ChangePage>;
  readonly changes: Polled<ChangePage>;
  readonly boot: Polled<BootResult>;
  readonly history: Polled<HistoryView>;
  /** Asks for everything at once: something was changed. */
  readonly refresh: () => void;
}

/** Everything that is kept current, with what this token may see of it. */
export function useDashboard(range: Range): Dashboard {
  const { api, whoami } = useSession();
  const seesTable = whyNot(whoami, 'table:read') === undefined;
  const seesChanges = whyNot(whoami, 'changes:read') === undefined;
  const latestChanges = useCallback((signal: AbortSignal) => api.changes({ limit: PAGE }, signal), [api]);
  const overTime = useCallback(
    async (signal: AbortSignal): Promise<HistoryView> => {
      const to = new Date();
      const from = new Date(to.getTime() - range.seconds * 1000);
      const [history, changes] = await Promise.all([
        api.history(from, to, range.stepSeconds, signal),
        seesChanges ? api.changes({ since: from.toISOString(), limit: MARKS_MAX }, signal) : { items: [] },
      ]);
      return { history, changes: changes.items.toReversed() };
    },
    [api, range, seesChanges],
  );
  const table = usePolled(TABLE_MILLISECONDS, seesTable ? api.table : undefined);
  const settings = usePolled(RECORD_MILLISECONDS, seesTable ? api.settings : undefined);
  const boot = usePolled(BOOT_MILLISECONDS, seesTable ? api.boot : undefined);
  const awaiting = usePolled(TABLE_MILLISECONDS, seesChanges ? api.awaiting : undefined);
  const changes = usePolled(RECORD_MILLISECONDS, seesChanges ? latestChanges : undefined);
  const history = usePolled(Math.max(RECORD_MILLISECONDS, range.stepSeconds * 250), seesTable ? overTime : undefined);
  const all = [table, settings, boot, awaiting, changes, history].map(({ refresh }) => refresh);
  const refresh = useMemo(
    () => () => {
      for (const each of all) each();
    },
    all,
  );
  return { table, settings, boot, awaiting, changes, history, refresh };
}
