import type { JSX } from 'preact';
import type { BootPreview, Finding, Table } from '../api/answers.ts';
import { Badge, toneOfLevel } from '../parts/badge.tsx';
import { Panel } from '../parts/panel.tsx';
import type { Polled } from '../polling/use-polled.ts';
import { BootDifferences } from './boot-differences.tsx';

interface FindingsPanelProps {
  readonly table: Polled<Table>;
  readonly boot: Polled<BootPreview>;
  readonly closed: string | undefined;
}

/** What is remarkable now, and what the next boot would make of it. */
export function FindingsPanel({ table, boot, closed }: FindingsPanelProps): JSX.Element {
  return (
    <Panel id="findings" title="Findings" closed={closed}>
      <div class="findings-body">
        {table.value && <Findings findings={table.value.findings} />}
        <h3>After a reboot</h3>
        <BootDifferences boot={boot} />
      </div>
    </Panel>
  );
}

function Findings({ findings }: { readonly findings: readonly Finding[] | undefined }): JSX.Element {
  if (!findings) return <p class="hint">This version of the service reports no findings.</p>;
  if (findings.length === 0) return <p class="quiet">Nothing remarkable.</p>;
  return <FindingList findings={findings} />;
}

export function FindingList({ findings }: { readonly findings: readonly Finding[] }): JSX.Element {
  return (
    <ul class="finding-list">
      {findings.map(({ code, level, message, remedy }, index) => (
        <li key={`${code} ${String(index)}`}>
          <p>
            <Badge tone={toneOfLevel(level)}>{level}</Badge> {message}
          </p>
          {remedy !== undefined && <p class="remedy">{remedy}</p>}
          <p class="hint">
            <code>{code}</code>
          </p>
        </li>
      ))}
    </ul>
  );
}
