import type { JSX } from 'preact';
import { Field } from '../parts/field.tsx';
import { whyNot } from '../session/scopes.ts';
import { useSession } from '../session/session.ts';
import { WINDOW_SECONDS, type Typed } from './read-form.ts';

const WINDOW_HINT = `Proves that you can still reach the host. ${String(WINDOW_SECONDS.minimum)} to ${WINDOW_SECONDS.maximum.toLocaleString('en')}; empty: never undone by itself.`;

interface TermsFieldsProps {
  readonly typed: Typed;
  readonly windowError: string | undefined;
  readonly onType: (typed: Typed) => void;
}

/** Why, for how long unconfirmed, and whether over a reboot: the same for every setting. */
export function TermsFields({ typed, windowError, onType }: TermsFieldsProps): JSX.Element {
  const { whoami } = useSession();
  const whyNotPersist = whyNot(whoami, 'settings:persist');
  return (
    <>
      <Field
        label="Reason"
        hint="Kept in the record of changes."
        value={typed.reason}
        maxLength={500}
        onInput={(reason) => {
          onType({ ...typed, reason });
        }}
      />
      <Field
        label="Undo unless confirmed within"
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
          Persist: hold after a reboot too
          <small class="hint">{whyNotPersist ?? 'Boot files are written, with a confirmation window at confirmation.'}</small>
        </span>
      </label>
    </>
  );
}
