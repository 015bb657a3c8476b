import type { JSX } from 'preact';
import type { Boot, Table } from '../api/documents.ts';
import { Panel } from '../parts/panel.tsx';
import type { Polled } from '../polling/use-polled.ts';
import { BootDifferences } from './boot-differences.tsx';
import { FindingList } from './finding-list.tsx';

interface FindingsPanelProps {
  readonly table: Polled<Table>;
  readonly boot: Polled<Boot>;
  readonly noAccess: string | undefined;
}

/** Current findings and the result of the next boot. The latter is shown after the former is loaded, so that it does not shift. */
export function FindingsPanel({ table, boot, noAccess }: FindingsPanelProps): JSX.Element {
  return (
    <Panel id="findings" title="Findings" noAccess={noAccess}>
      <div class="findings-body">
        {table.value && <Findings table={table.value} />}
        {table.value || table.problem ? (
          <>
            <h3>After a reboot</h3>
            <BootDifferences boot={boot} />
          </>
        ) : (
          <p class="quiet">…</p>
        )}
      </div>
    </Panel>
  );
}

function Findings({ table: { findings, notChecked } }: { readonly table: Table }): JSX.Element {
  return (
    <>
      {findings.length === 0 ? <p class="quiet">No problems found.</p> : <FindingList findings={findings} />}
      {notChecked.length > 0 && (
        <details class="hint">
          <summary>Checks not run</summary>
          <ul>
            {notChecked.map(({ codes, reason }) => (
              <li key={codes.join()}>
                <code>{codes.join(', ')}</code>: {reason}
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}
