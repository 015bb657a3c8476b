import type { JSX } from 'preact';
import type { Change, ChangedSetting } from '../api/documents.ts';
import { isEffective, kindOf, namespaceOf, summaryOf, whyNoRollback } from '../change/describe.ts';
import { FileDiff } from '../change/file-diff.tsx';
import { integer } from '../format/quantity.ts';
import { dateTime } from '../format/time.ts';
import { ActionButton } from '../parts/action-button.tsx';
import { Badge, toneOfOutcome } from '../parts/badge.tsx';
import { whyNot } from '../session/scopes.ts';
import { useSession } from '../session/session.ts';

interface ChangeItemProps {
  readonly change: Change;
  readonly onRollBack: (change: Change) => void;
}

/** One change: time, actor, reason, outcome, and the values before and after. */
export function ChangeItem({ change, onRollBack }: ChangeItemProps): JSX.Element {
  const { whoami } = useSession();
  const { id, failure, restoreFailure } = change;
  return (
    <li class="change" id={`change-${String(id)}`}>
      <Head change={change} />
      <Values change={change} />
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
        whyNot={
          whyNoRollback(change) ??
          whyNot(whoami, 'settings:write', 'settings:persist', ...(change.update ? (['entries:update'] as const) : []))
        }
        onAct={() => {
          onRollBack(change);
        }}
      >
        Roll back
      </ActionButton>
    </li>
  );
}

function Head({ change }: Pick<ChangeItemProps, 'change'>): JSX.Element {
  const { id, outcome, actor, reason, startedAt } = change;
  const namespace = namespaceOf(change);
  return (
    <div class="change-head">
      <span class="change-id">{id}</span>
      <time dateTime={startedAt}>{dateTime(new Date(startedAt), new Date())}</time>
      <Badge tone={toneOfOutcome(outcome)}>{outcome}</Badge>
      <span>{kindOf(change)}</span>
      {namespace !== undefined && <span>namespace {namespace}</span>}
      <span class="hint">
        {actor.name}
        {reason === null ? '' : `: ${reason}`}
      </span>
    </div>
  );
}

function Values({ change }: Pick<ChangeItemProps, 'change'>): JSX.Element {
  const { settings, files, deletion, update } = change;
  return (
    <ul class="change-values">
      {settings.map((setting) => (
        <li key={setting.name}>
          <code>{setting.name}</code> <BeforeAndAfter setting={setting} />
        </li>
      ))}
      {(deletion ?? update) && <li>{summaryOf(change)}</li>}
      {deletion?.entriesWithheld !== undefined && <li class="hint">{deletion.entriesWithheld}</li>}
      {update?.entriesWithheld !== undefined && <li class="hint">{update.entriesWithheld}</li>}
      {files.map((file) => (
        <li key={file.path}>
          <FileDiff file={file} />
        </li>
      ))}
    </ul>
  );
}

function BeforeAndAfter({ setting }: { readonly setting: ChangedSetting }): JSX.Element {
  const { before, requested, after } = setting;
  if (!isEffective(setting)) return <span class="hint">unchanged at {integer(before)}</span>;
  return (
    <>
      {integer(before)} → <b>{integer(after ?? requested)}</b>
      {after === null && ' (could not be read back)'}
      {after !== undefined && after !== null && after !== requested && ` (requested ${integer(requested)})`}
    </>
  );
}
