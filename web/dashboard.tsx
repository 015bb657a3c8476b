import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Header } from './header.tsx';
import { AwaitingPanel } from './panels/awaiting-panel.tsx';
import { ChangesPanel } from './panels/changes-panel.tsx';
import { FindingsPanel } from './panels/findings-panel.tsx';
import { GaugePanel } from './panels/gauge-panel.tsx';
import { HistoryPanel } from './panels/history-panel.tsx';
import { SettingsPanel } from './panels/settings-panel.tsx';
import { TalkersPanel } from './panels/talkers-panel.tsx';
import type { ThemeChoice } from './parts/theme.ts';
import { RANGES, type Range } from './plots/ranges.ts';
import { whyNot } from './session/scopes.ts';
import { useSession } from './session/session.ts';
import { Status } from './status.tsx';
import { useDashboard } from './use-dashboard.ts';

export function Dashboard({ theme, isSimulated }: { readonly theme: ThemeChoice; readonly isSimulated: boolean }): JSX.Element {
  const { whoami } = useSession();
  const [range, setRange] = useState<Range>(RANGES[1]);
  const { table, settings, awaiting, changes, boot, history, refresh } = useDashboard(range);
  const closedTable = whyNot(whoami, 'table:read');
  const closedChanges = whyNot(whoami, 'changes:read');
  return (
    <>
      <Header theme={theme} status={<Status {...table} />} />
      {isSimulated && (
        <p class="simulated" role="note">
          <strong>Simulated.</strong> These are figures of a recorded or made-up kernel tree, not of this host.
        </p>
      )}
      <main class="dashboard">
        <GaugePanel table={table} closed={closedTable} />
        <AwaitingPanel awaiting={awaiting} closed={closedChanges} onChanged={refresh} />
        <FindingsPanel table={table} boot={boot} closed={closedTable} />
        <HistoryPanel view={history} range={range} onRange={setRange} isDark={theme.isDark} closed={closedTable} />
        <SettingsPanel settings={settings} closed={closedTable} onChanged={refresh} />
        <ChangesPanel changes={changes} closed={closedChanges} onChanged={refresh} />
        <TalkersPanel />
      </main>
    </>
  );
}
