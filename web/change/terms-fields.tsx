import type { JSX } from 'preact';
import { Field } from '../parts/field.tsx';
import { whyNot } from '../session/scopes.ts';
import { useSession } from '../session/session.ts';
import { WINDOW_SECONDS, type Typed } from './read-form.ts';

const WINDOW_HINT = `Protects you from losing access to the host. ${String(WINDOW_SECONDS.minimum)} to ${WINDOW_SECONDS.maximum.toLocaleString('en')}; empty: no automatic rollback.`;

interface TermsFieldsProps {
  readonly typed: Typed;
  readonly windowError: string | undefined;
  readonly onType: (typed: Typed) => void;
}

/** Reason, confirmation window and persistence: the same for every setting. */
export function TermsFields({ typed, windowError, onType }: TermsFieldsProps): JSX.Element {
  const { whoami } = useSession();
  const whyNotPersist = whyNot(whoami, 'settings:persist');
  return (
    <>
      <Field
        label="Reason"
        hint="Recorded in the journal."
        value={typed.reason}
        maxLength={500}
        onInput={(reason) => {
          onType({ ...typed, reason });
        }}
      />
      <Field
        label="Roll back unless confirmed within"
        unit="seconds"
        isNumber
        hint={WINDOW_HINT}
        value={typed.windowSeconds}
        error={windowError}
        onInput={(windowSeconds) => {
          onType({ ...typed, windowSeconds });
        }}
      />
      <label class="check">
        <input
          type="checkbox"
          checked={typed.persist}
          disabled={whyNotPersist !== undefined}
          onChange={({ currentTarget }) => {
            onType({ ...typed, persist: currentTarget.checked });
          }}
        />
        <span>
          Persist: keep after a reboot
          <small class="hint">{whyNotPersist ?? 'Writes the boot files; with a confirmation window, when the change is confirmed.'}</small>
        </span>
      </label>
    </>
  );
}
