import { useCallback, useMemo } from 'preact/hooks';
import type { AwaitingList, Boot, ChangePage, SettingList, Table } from './api/documents.ts';
import type { ApiResponse } from './api/request.ts';
import type { HistoryView } from './panels/history-panel.tsx';
import { PAGE_SIZE } from './panels/changes-panel.tsx';
import type { Range } from './plots/series.ts';
import { usePolled, type Polled } from './polling/use-polled.ts';
import { whyNot } from './session/scopes.ts';
import { useSession } from './session/session.ts';

const TABLE_MILLISECONDS = 5_000;
const CHANGES_MILLISECONDS = 10_000;
const BOOT_MILLISECONDS = 60_000;
const MARKS_MAX = 200;

export interface Dashboard {
  readonly table: Polled<Table>;
  readonly settings: Polled<ApiResponse<SettingList>>;
  readonly awaiting: Polled<AwaitingList>;
  readonly changes: Polled<ChangePage>;
  readonly boot: Polled<Boot>;
  readonly history: Polled<HistoryView>;
  /** Reloads everything, after a change. */
  readonly refresh: () => void;
}

/** The data that the page polls, as far as the scopes of the token allow. */
export function useDashboard(range: Range): Dashboard {
  const { api, whoami } = useSession();
  const canReadTable = whyNot(whoami, 'table:read') === undefined;
  const canReadChanges = whyNot(whoami, 'changes:read') === undefined;
  const latestChanges = useCallback((signal: AbortSignal) => api.changes({ limit: PAGE_SIZE }, signal), [api]);
  const loadHistory = useCallback(
    async (signal: AbortSignal): Promise<HistoryView> => {
      const to = new Date();
      const from = new Date(to.getTime() - range.seconds * 1000);
      const [history, changes] = await Promise.all([
        api.history(from, to, range.stepSeconds, signal),
        canReadChanges ? api.changes({ since: from.toISOString(), limit: MARKS_MAX }, signal) : { items: [] },
      ]);
      return { history, changes: changes.items.toReversed() };
    },
    [api, range, canReadChanges],
  );
  const table = usePolled(TABLE_MILLISECONDS, canReadTable ? api.table : undefined);
  const settings = usePolled(CHANGES_MILLISECONDS, canReadTable ? api.settings : undefined);
  const boot = usePolled(BOOT_MILLISECONDS, canReadTable ? api.boot : undefined);
  const awaiting = usePolled(TABLE_MILLISECONDS, canReadChanges ? api.awaiting : undefined);
  const changes = usePolled(CHANGES_MILLISECONDS, canReadChanges ? latestChanges : undefined);
  const history = usePolled(Math.max(CHANGES_MILLISECONDS, range.stepSeconds * 250), canReadTable ? loadHistory : undefined);
  const all = [table, settings, boot, awaiting, changes, history].map(({ refresh }) => refresh);
  const refresh = useMemo(
    () => () => {
      for (const each of all) each();
    },
    all,
  );
  return { table, settings, boot, awaiting, changes, history, refresh };
}
