import type { JSX } from 'preact';
import type { AwaitingList } from '../api/documents.ts';
import { Panel } from '../parts/panel.tsx';
import { useNow } from '../polling/use-now.ts';
import type { Polled } from '../polling/use-polled.ts';
import { useSession } from '../session/session.ts';
import { AwaitingItem } from './awaiting-item.tsx';

interface AwaitingPanelProps {
  readonly awaiting: Polled<AwaitingList>;
  readonly noAccess: string | undefined;
  readonly onChanged: () => void;
}

/** Changes that are rolled back unless they are confirmed in time, with the time left. */
export function AwaitingPanel({ awaiting: { value, problem }, noAccess, onChanged }: AwaitingPanelProps): JSX.Element {
  const { api } = useSession();
  const items = value?.items ?? [];
  const now = useNow(250, items.length > 0) + api.clockAhead.milliseconds;
  return (
    <Panel id="awaiting" title="Awaiting confirmation" problem={problem} noAccess={noAccess}>
      {items.length === 0 && <p class="quiet">{value ? 'No changes awaiting confirmation.' : '…'}</p>}
      {items.map((change) => (
        <AwaitingItem key={change.id} change={change} now={now} onChanged={onChanged} />
      ))}
    </Panel>
  );
}
