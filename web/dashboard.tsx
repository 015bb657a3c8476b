import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Header } from './header.tsx';
import { AwaitingPanel } from './panels/awaiting-panel.tsx';
import { ChangesPanel } from './panels/changes-panel.tsx';
import { FindingsPanel } from './panels/findings-panel.tsx';
import { fullness } from './panels/gauge.tsx';
import { GaugePanel } from './panels/gauge-panel.tsx';
import { HistoryPanel } from './panels/history-panel.tsx';
import { SettingsPanel } from './panels/settings-panel.tsx';
import { TalkersPanel } from './panels/talkers-panel.tsx';
import type { ThemeChoice } from './parts/theme.ts';
import { RANGES, type Range } from './plots/series.ts';
import { whyNot } from './session/scopes.ts';
import { useSession } from './session/session.ts';
import { Status } from './status.tsx';
import { useDashboard } from './use-dashboard.ts';

export function Dashboard({ theme, isSimulated }: { readonly theme: ThemeChoice; readonly isSimulated: boolean }): JSX.Element {
  const { whoami } = useSession();
  const [range, setRange] = useState<Range>(RANGES[1]);
  const { table, settings, awaiting, changes, boot, history, refresh } = useDashboard(range);
  const noTableAccess = whyNot(whoami, 'table:read');
  const noChangesAccess = whyNot(whoami, 'changes:read');
  return (
    <>
      <Header theme={theme} status={<Status {...table} />} />
      {isSimulated && (
        <p class="banner" role="note">
          <strong>Simulated.</strong> All values come from a simulated kernel tree, not from this host.
        </p>
      )}
      <main class="dashboard">
        <GaugePanel table={table} noAccess={noTableAccess} />
        <AwaitingPanel awaiting={awaiting} noAccess={noChangesAccess} onChanged={refresh} />
        <FindingsPanel table={table} boot={boot} noAccess={noTableAccess} />
        <HistoryPanel view={history} range={range} onRange={setRange} isDark={theme.isDark} noAccess={noTableAccess} />
        <SettingsPanel settings={settings} noAccess={noTableAccess} onChanged={refresh} />
        <ChangesPanel changes={changes} noAccess={noChangesAccess} onChanged={refresh} />
        <TalkersPanel />
      </main>
      <footer class="page-footer">
        <small>conntrack-api {whoami.version}</small>
      </footer>
      {fullness(table.value) !== 'calm' && (
        <p class="banner bottom" role="status">
          <strong>Nearly full.</strong> At 100 %, new connections are dropped, also new connections to this page. Keep it open: its
          connection continues.
        </p>
      )}
    </>
  );
}
