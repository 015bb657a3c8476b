import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Change, ChangePage } from '../api/answers.ts';
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
  readonly closed: string | undefined;
  readonly onChanged: () => void;
}

interface Older {
  readonly items: readonly Change[];
  /** `undefined`: nothing has been asked for yet; `null`: that was all. */
  readonly cursor?: string | null;
  readonly problem?: Problem;
}

/** The record, newest first: the first page is kept current, older ones are asked for. */
export function ChangesPanel({ changes: { value, problem }, closed, onChanged }: ChangesPanelProps): JSX.Element {
  const { api } = useSession();
  const [older, setOlder] = useState<Older>({ items: [] });
  const [rollingBack, setRollingBack] = useState<Change>();
  const first = value?.items ?? [];
  const oldestOfFirst = first.at(-1)?.id ?? 0;
  const shown = [...first, ...older.items.filter(({ id }) => id < oldestOfFirst)];
  const cursor = older.cursor === undefined ? value?.nextCursor : (older.cursor ?? undefined);
  const more = async (): Promise<void> => {
    try {
      const page = await api.changes({ limit: PAGE, cursor });
      setOlder((last) => ({ items: [...last.items, ...page.items], cursor: page.nextCursor ?? null }));
    } catch (error) {
      setOlder((last) => ({ ...last, problem: problemOf(error) }));
    }
  };
  return (
    <Panel id="changes" title="Changes" problem={problem} closed={closed}>
      {value && shown.length === 0 && <p class="quiet">Nothing has been changed yet.</p>}
      <ol class="change-list">
        {shown.map((change) => (
          <ChangeItem key={change.id} change={change} onRollBack={setRollingBack} />
        ))}
      </ol>
      {older.problem && <ProblemNotice problem={older.problem} />}
      {cursor !== undefined && (
        <ActionButton onAct={() => void more()} isSmall>
          Older changes
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

export const PAGE = 20;
