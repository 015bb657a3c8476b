import type { JSX } from 'preact';
import type { BootResult, Table } from '../api/answers.ts';
import { Panel } from '../parts/panel.tsx';
import type { Polled } from '../polling/use-polled.ts';
import { BootDifferences } from './boot-differences.tsx';
import { FindingList } from './finding-list.tsx';

interface FindingsPanelProps {
  readonly table: Polled<Table>;
  readonly boot: Polled<BootResult>;
  readonly closed: string | undefined;
}

/** What is remarkable now, and below it, once that is known and pushes it no more, what the next boot would make of it. */
export function FindingsPanel({ table, boot, closed }: FindingsPanelProps): JSX.Element {
  return (
    <Panel id="findings" title="Findings" closed={closed}>
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

function Findings({ table: { findings, notChecked = [] } }: { readonly table: Table }): JSX.Element {
  if (!findings) return <p class="hint">This version of the service reports no findings.</p>;
  return (
    <>
      {findings.length === 0 ? <p class="quiet">Nothing remarkable.</p> : <FindingList findings={findings} />}
      {notChecked.length > 0 && (
        <details class="hint">
          <summary>Not looked for</summary>
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
