import type { JSX } from 'preact';
import type { Finding } from '../api/documents.ts';
import { Badge, toneOfLevel } from '../parts/badge.tsx';

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
