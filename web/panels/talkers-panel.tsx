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

/** A tenth of a second of CPU. */
const SAMPLE = 50_000;

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
  const count = async (sample?: number): Promise<void> => {
    setBusy(true);
    try {
      setCounted({ summary: await api.summary(sample), at: new Date() });
    } catch (error) {
      const retry = error instanceof ApiProblem ? error.retryAfterSeconds : undefined;
      setCounted((last) => ({ ...last, problem: problemOf(error), ...(retry !== undefined && { notBefore: Date.now() + retry * 1000 }) }));
    }
    setBusy(false);
  };
  const reason = whyNot(whoami, 'entries:read') ?? (wait > 0 ? `Available again in ${String(wait)} s.` : undefined);
  const buttons = (
    <>
      <ActionButton onAct={() => void count(SAMPLE)} whyNot={reason} isBusy={isBusy} isSmall>
        Count a sample
      </ActionButton>
      <ActionButton onAct={() => void count()} whyNot={reason} isBusy={isBusy} isSmall>
        {isBusy ? 'Counting …' : counted.summary ? 'Count again' : 'Count now'}
      </ActionButton>
    </>
  );
  return (
    <Panel id="talkers" title="Top talkers" problem={counted.problem} actions={buttons} noAccess={whyNot(whoami, 'entries:read')}>
      {counted.summary && counted.at ? (
        <Summary summary={counted.summary} at={counted.at} />
      ) : (
        <p class="hint">
          Counting reads every entry in the table, so it runs only on request. A sample reads {integer(SAMPLE)} entries and estimates the
          rest.
        </p>
      )}
    </Panel>
  );
}

function Summary({ summary, at }: { readonly summary: EntrySummary; readonly at: Date }): JSX.Element {
  const { entries, sample } = summary;
  const { outcome, source, reason } = summary.summary;
  const isSample = sample?.exact === false;
  return (
    <>
      <p class="hint">
        {isSample ? `Sample of ${integer(sample.size)} of ${integer(sample.entries)}` : integer(entries)} entries at {clockTime(at)}, from{' '}
        {source}
        {outcome === 'complete' || (isSample && outcome === 'truncated') ? '' : `; ${outcome}${reason === undefined ? '' : `: ${reason}`}`}
        {isSample && `. The numbers are estimates with ${percent(sample.confidence)} intervals.`}
      </p>
      <div class="talkers-grid">
        {summary.keys.map((key) => (
          <KeyTable key={key.by} summary={key} total={entries} isSample={isSample} />
        ))}
      </div>
    </>
  );
}

function KeyTable({
  summary,
  total,
  isSample,
}: {
  readonly summary: KeySummary;
  readonly total: number;
  readonly isSample: boolean;
}): JSX.Element {
  const { by, distinct, exact, top, other, without } = summary;
  return (
    <table class="talkers-table">
      <caption>
        {TITLES[by] ?? by} <small>{`${exact && !isSample ? '' : 'at least '}${integer(distinct)} distinct`}</small>
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
          <Row key={nameOf(row)} name={nameOf(row)} sums={row} error={row.error} total={total} />
        ))}
        {other.entries > 0 && <Row name="others" sums={other} count={isSample ? 'not estimated' : undefined} total={total} />}
        {without.entries > 0 && <Row name={WITHOUT[by] ?? 'none'} sums={without} total={total} />}
      </tbody>
    </table>
  );
}

function Row({
  name,
  sums,
  error,
  count = countOf(sums),
  total,
}: {
  readonly name: string;
  readonly sums: Pick<SummaryRow, 'entries' | 'estimate'>;
  readonly error?: number | undefined;
  /** Instead of the number of entries. */
  readonly count?: string | undefined;
  readonly total: number;
}): JSX.Element {
  const share = total === 0 ? 0 : sums.entries / total;
  return (
    <tr>
      <th scope="row">
        <svg class="share" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">
          <rect width={(share * 100).toFixed(1)} height="1" />
        </svg>
        <span>{name}</span>
      </th>
      <td>
        {count}
        {error === undefined || sums.estimate ? '' : ` (−${integer(error)})`}
      </td>
      <td>{percent(share)}</td>
    </tr>
  );
}

function countOf({ entries, estimate }: Pick<SummaryRow, 'entries' | 'estimate'>): string {
  return estimate ? `${integer(estimate.entries)} (${integer(estimate.low)} to ${integer(estimate.high)})` : integer(entries);
}

/** The name of a row: `tcp 443`, `tcp ESTABLISHED`, an address. */
function nameOf({ source, destination, protocol, destinationPort, state }: SummaryRow): string {
  if (source !== undefined || destination !== undefined) return [source, destination].filter(Boolean).join(' → ');
  return [protocol, destinationPort ?? state].filter((part) => part !== undefined).join(' ');
}
