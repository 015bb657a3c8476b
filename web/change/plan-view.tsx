import type { JSX } from 'preact';
import type { DryRun } from '../api/documents.ts';
import { integer } from '../format/quantity.ts';
import { Badge, toneOfLevel } from '../parts/badge.tsx';
import { FileDiff } from './file-diff.tsx';

interface PlanViewProps {
  readonly plan: DryRun;
  readonly acknowledged: readonly string[];
  readonly onAcknowledge: (code: string, isAccepted: boolean) => void;
}

/** The planned writes and their risks. A risk that must be accepted has a checkbox. */
export function PlanView({ plan: { steps, files, risks, restorableCount }, acknowledged, onAcknowledge }: PlanViewProps): JSX.Element {
  return (
    <div class="plan">
      <h3>Planned writes, in this order</h3>
      <ol class="plan-steps">
        {steps.map(({ name, before, requested, expected }) => (
          <li key={name}>
            <code>{name}</code> {integer(before)} → <b>{integer(expected)}</b>
            {expected !== requested && ` (the kernel rounds ${integer(requested)} up)`}
          </li>
        ))}
        {restorableCount !== undefined && <li>mark, labels and timeout of {integer(restorableCount)} entries</li>}
        {steps.length === 0 && restorableCount === undefined && <li>no live values</li>}
      </ol>
      {files.map((file) => (
        <FileDiff key={file.path} file={file} />
      ))}
      <h3>Risks</h3>
      {risks.length === 0 && <p class="quiet">No known risks.</p>}
      <ul class="risks">
        {risks.map(({ code, level, setting, message }) => (
          <li key={`${code} ${setting}`}>
            <p>
              <Badge tone={toneOfLevel(level)}>{level}</Badge> {message}
            </p>
            {level === 'acknowledge' && (
              <label class="check">
                <input
                  type="checkbox"
                  checked={acknowledged.includes(code)}
                  onChange={({ currentTarget }) => {
                    onAcknowledge(code, currentTarget.checked);
                  }}
                />
                <span>
                  I accept <code>{code}</code>
                </span>
              </label>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}
