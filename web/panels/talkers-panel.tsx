import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { EntrySummary, KeySummary, SummaryRow } from '../api/documents.ts';
import { ApiProblem, problemOf, type Problem } from '../api/problem.ts';
import { integer, percent } from '../format/quantity.ts';
import { clockTime } from '../format/time.ts';
import { ActionButton } from '../parts/action-button.tsx';
import { Panel } from '../parts/panel.tsx';
import { useNow } from '../polling/use-now.ts';
import { whyNot } from '../session/scopes.ts';
import { useSession } from '../session/session.ts';

const TITLES: Readonly<Record<string, string>> = {
  source: 'Source',
  destination: 'Destination',
  destinationPort: 'Destination port',
  state: 'State',
};

const WITHOUT: Readonly<Record<string, string>> = { destinationPort: 'no port', state: 'no state' };

interface Counted {
  readonly summary?: EntrySummary;
  readonly at?: Date;
  readonly problem?: Problem;
  /** From `Retry-After`. */
  readonly notBefore?: number;
}

/** Which hosts and ports fill the table. Counting reads the whole table, so it runs only on request. */
export function TalkersPanel(): JSX.Element {
  const { api, whoami } = useSession();
  const [counted, setCounted] = useState<Counted>({});
  const [isBusy, setBusy] = useState(false);
  const now = useNow(1_000, counted.notBefore !== undefined);
  const wait = Math.ceil(((counted.notBefore ?? 0) - now) / 1000);
  const count = async (): Promise<void> => {
    setBusy(true);
    try {
      setCounted({ summary: await api.summary(), at: new Date() });
    } catch (error) {
      const retry = error instanceof ApiProblem ? error.retryAfterSeconds : undefined;
      setCounted((last) => ({ ...last, problem: problemOf(error), ...(retry !== undefined && { notBefore: Date.now() + retry * 1000 }) }));
    }
    setBusy(false);
  };
  const reason = whyNot(whoami, 'entries:read') ?? (wait > 0 ? `Available again in ${String(wait)} s.` : undefined);
  const button = (
    <ActionButton onAct={() => void count()} whyNot={reason} isBusy={isBusy} isSmall>
      {isBusy ? 'Counting …' : counted.summary ? 'Count again' : 'Count now'}
    </ActionButton>
  );
  return (
    <Panel id="talkers" title="Top talkers" problem={counted.problem} actions={button} noAccess={whyNot(whoami, 'entries:read')}>
      {counted.summary && counted.at ? (
        <Summary summary={counted.summary} at={counted.at} />
      ) : (
        <p class="hint">Counting reads every entry in the table, so it runs only on request.</p>
      )}
    </Panel>
  );
}

function Summary({ summary, at }: { readonly summary: EntrySummary; readonly at: Date }): JSX.Element {
  const { outcome, source, reason } = summary.summary;
  return (
    <>
      <p class="hint">
        {integer(summary.entries)} entries at {clockTime(at)}, from {source}
        {outcome === 'complete' ? '' : `; ${outcome}${reason === undefined ? '' : `: ${reason}`}`}
      </p>
      <div class="talkers-grid">
        {summary.keys.map((key) => (
          <KeyTable key={key.by} summary={key} total={summary.entries} />
        ))}
      </div>
    </>
  );
}

function KeyTable({ summary, total }: { readonly summary: KeySummary; readonly total: number }): JSX.Element {
  const { by, distinct, exact, top, other, without } = summary;
  return (
    <table class="talkers-table">
      <caption>
        {TITLES[by] ?? by} <small>{`${exact ? '' : 'at least '}${integer(distinct)} distinct`}</small>
      </caption>
      <thead class="visually-hidden">
        <tr>
          <th scope="col">{TITLES[by] ?? by}</th>
          <th scope="col">entries</th>
          <th scope="col">share</th>
        </tr>
      </thead>
      <tbody>
        {top.map((row) => (
          <Row key={nameOf(row)} name={nameOf(row)} entries={row.entries} error={row.error} total={total} />
        ))}
        {other.entries > 0 && <Row name="others" entries={other.entries} total={total} />}
        {without.entries > 0 && <Row name={WITHOUT[by] ?? 'none'} entries={without.entries} total={total} />}
      </tbody>
    </table>
  );
}

function Row({
  name,
  entries,
  error,
  total,
}: {
  readonly name: string;
  readonly entries: number;
  readonly error?: number | undefined;
  readonly total: number;
}): JSX.Element {
  const share = total === 0 ? 0 : entries / total;
  return (
    <tr>
      <th scope="row">
        <svg class="share" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">
          <rect width={(share * 100).toFixed(1)} height="1" />
        </svg>
        <span>{name}</span>
      </th>
      <td>
        {integer(entries)}
        {error === undefined ? '' : ` (−${integer(error)})`}
      </td>
      <td>{percent(share)}</td>
    </tr>
  );
}

/** The name of a row: `tcp 443`, `tcp ESTABLISHED`, an address. */
function nameOf({ source, destination, protocol, destinationPort, state }: SummaryRow): string {
  if (source !== undefined || destination !== undefined) return [source, destination].filter(Boolean).join(' → ');
  return [protocol, destinationPort ?? state].filter((part) => part !== undefined).join(' ');
}
