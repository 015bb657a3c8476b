import type { JSX } from 'preact';
import type { ChangePage } from '../api/answers.ts';
import { Panel } from '../parts/panel.tsx';
import { useNow } from '../polling/use-now.ts';
import type { Polled } from '../polling/use-polled.ts';
import { useSession } from '../session/session.ts';
import { AwaitingItem } from './awaiting-item.tsx';

interface AwaitingPanelProps {
  readonly awaiting: Polled<ChangePage>;
  readonly closed: string | undefined;
  readonly onChanged: () => void;
}

/** Changes that undo themselves unless somebody confirms them, with the time that is left. */
export function AwaitingPanel({ awaiting: { value, problem }, closed, onChanged }: AwaitingPanelProps): JSX.Element {
  const { api } = useSession();
  const items = value?.items ?? [];
  const now = useNow(250, items.length > 0) + api.clockAhead.milliseconds;
  return (
    <Panel id="awaiting" title="Awaiting confirmation" problem={problem} closed={closed}>
      {items.length === 0 && <p class="quiet">{value ? 'No change waits to be confirmed.' : '…'}</p>}
      {items.map((change) => (
        <AwaitingItem key={change.id} change={change} now={now} onChanged={onChanged} />
      ))}
    </Panel>
  );
}
