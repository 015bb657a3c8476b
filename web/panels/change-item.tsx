import type { JSX } from 'preact';
import type { Change, ChangedSetting } from '../api/answers.ts';
import { isMove, kindOf, summaryOf, whyNoRollback } from '../change/describe.ts';
import { FileDiff } from '../change/file-diff.tsx';
import { integer } from '../format/quantity.ts';
import { moment } from '../format/time.ts';
import { ActionButton } from '../parts/action-button.tsx';
import { Badge, toneOfOutcome } from '../parts/badge.tsx';
import { whyNot } from '../session/scopes.ts';
import { useSession } from '../session/session.ts';

/** One change: when, who, why, how it ended, and the values before and after. */
export function ChangeItem({
  change,
  onRollBack,
}: {
  readonly change: Change;
  readonly onRollBack: (change: Change) => void;
}): JSX.Element {
  const { whoami } = useSession();
  const { id, outcome, actor, reason, startedAt, settings, files, deletion, failure, restoreFailure } = change;
  return (
    <li class="change" id={`change-${String(id)}`}>
      <div class="change-head">
        <span class="change-id">{id}</span>
        <time dateTime={startedAt}>{moment(new Date(startedAt), new Date())}</time>
        <Badge tone={toneOfOutcome(outcome)}>{outcome}</Badge>
        <span>{kindOf(change)}</span>
        <span class="hint">
          {actor.name}
          {reason === null ? '' : `: ${reason}`}
        </span>
      </div>
      <ul class="change-values">
        {settings.map((setting) => (
          <li key={setting.name}>
            <code>{setting.name}</code> <BeforeAndAfter setting={setting} />
          </li>
        ))}
        {deletion && <li>{summaryOf(change)}</li>}
        {files.map((file) => (
          <li key={file.path}>
            <FileDiff file={file} />
          </li>
        ))}
      </ul>
      {[failure, restoreFailure].map(
        (each) =>
          each && (
            <p key={each.code} class="failure">
              {each.message} <code>{each.code}</code>
            </p>
          ),
      )}
      <ActionButton
        isSmall
        label={`Roll back change ${String(id)}`}
        whyNot={whyNoRollback(change) ?? whyNot(whoami, 'settings:write', 'settings:persist')}
        onAct={() => {
          onRollBack(change);
        }}
      >
        Roll back
      </ActionButton>
    </li>
  );
}

function BeforeAndAfter({ setting }: { readonly setting: ChangedSetting }): JSX.Element {
  const { before, requested, after } = setting;
  if (!isMove(setting)) return <span class="hint">stays {integer(before)}</span>;
  return (
    <>
      {integer(before)} → <b>{integer(after ?? requested)}</b>
      {after === null && ' (could not be read back)'}
      {after !== undefined && after !== null && after !== requested && ` (asked for ${integer(requested)})`}
    </>
  );
}
