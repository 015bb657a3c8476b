import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Change, ChangePage } from '../api/documents.ts';
import { problemOf, type Problem } from '../api/problem.ts';
import { RollbackDialog } from '../change/rollback-dialog.tsx';
import { ActionButton } from '../parts/action-button.tsx';
import { Panel } from '../parts/panel.tsx';
import { ProblemNotice } from '../parts/problem-notice.tsx';
import type { Polled } from '../polling/use-polled.ts';
import { useSession } from '../session/session.ts';
import { ChangeItem } from './change-item.tsx';

interface ChangesPanelProps {
  readonly changes: Polled<ChangePage>;
  readonly noAccess: string | undefined;
  readonly onChanged: () => void;
}

interface Older {
  readonly items: readonly Change[];
  /** `undefined`: no older page is loaded yet; `null`: there are no more. */
  readonly cursor?: string | null;
  readonly problem?: Problem;
}

/** The changes, newest first. The first page is polled, older pages are loaded on request. */
export function ChangesPanel({ changes: { value, problem }, noAccess, onChanged }: ChangesPanelProps): JSX.Element {
  const { api } = useSession();
  const [older, setOlder] = useState<Older>({ items: [] });
  const [rollingBack, setRollingBack] = useState<Change>();
  const first = value?.items ?? [];
  const oldestOfFirst = first.at(-1)?.id ?? 0;
  const shown = [...first, ...older.items.filter(({ id }) => id < oldestOfFirst)];
  const cursor = older.cursor === undefined ? value?.nextCursor : (older.cursor ?? undefined);
  const more = async (): Promise<void> => {
    try {
      const page = await api.changes({ limit: PAGE_SIZE, cursor });
      setOlder((last) => ({ items: [...last.items, ...page.items], cursor: page.nextCursor ?? null }));
    } catch (error) {
      setOlder((last) => ({ ...last, problem: problemOf(error) }));
    }
  };
  return (
    <Panel id="changes" title="Changes" problem={problem} noAccess={noAccess}>
      {value && shown.length === 0 && <p class="quiet">No changes yet.</p>}
      <ol class="change-list">
        {shown.map((change) => (
          <ChangeItem key={change.id} change={change} onRollBack={setRollingBack} />
        ))}
      </ol>
      {older.problem && <ProblemNotice problem={older.problem} />}
      {cursor !== undefined && (
        <ActionButton onAct={() => void more()} isSmall>
          Load older changes
        </ActionButton>
      )}
      {rollingBack && (
        <RollbackDialog
          change={rollingBack}
          onClose={() => {
            setRollingBack(undefined);
          }}
          onChanged={onChanged}
        />
      )}
    </Panel>
  );
}

export const PAGE_SIZE = 20;
