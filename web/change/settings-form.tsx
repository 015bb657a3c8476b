import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Setting } from '../api/answers.ts';
import type { SettingsRequest } from '../api/api.ts';
import { settingValue, unitWord } from '../format/setting-value.ts';
import { Field } from '../parts/field.tsx';
import { ProblemNotice } from '../parts/problem-notice.tsx';
import { useSession, whyNot } from '../session/session.ts';
import { readForm, WINDOW_SECONDS, type FormErrors, type Typed } from './read-form.ts';
import type { PlannedChange } from './use-planned.ts';

interface SettingsFormProps {
  readonly settings: readonly Setting[];
  readonly typed: Typed;
  readonly onType: (typed: Typed) => void;
  readonly change: PlannedChange<SettingsRequest>;
  readonly onClose: () => void;
}

export function SettingsForm({ settings, typed, onType, change, onClose }: SettingsFormProps): JSX.Element {
  const { whoami } = useSession();
  const [errors, setErrors] = useState<FormErrors>({});
  const whyNotPersist = whyNot(whoami, 'settings:persist');
  const submit = (event: Event): void => {
    event.preventDefault();
    const read = readForm(typed, settings);
    setErrors('errors' in read ? read.errors : {});
    if ('request' in read && !change.isBusy) void change.makePlan(read.request);
  };
  return (
    <form class="settings-form" onSubmit={submit} noValidate>
      {settings.map((setting) => (
        <SettingField
          key={setting.name}
          setting={setting}
          value={typed.values[setting.name] ?? ''}
          error={errors[setting.name]}
          onInput={(text) => {
            onType({ ...typed, values: { ...typed.values, [setting.name]: text } });
          }}
        />
      ))}
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
        hint={`Proves that you can still reach the host. ${String(WINDOW_SECONDS.minimum)} to ${WINDOW_SECONDS.maximum.toLocaleString('en')}; empty: never undone by itself.`}
        value={typed.windowSeconds}
        error={errors['windowSeconds']}
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
      {change.problem && <ProblemNotice problem={change.problem} />}
      <div class="actions">
        <button type="submit" class="primary" aria-disabled={change.isBusy}>
          {change.isBusy ? 'Working …' : 'Show the plan'}
        </button>
        <button type="button" onClick={onClose}>
          Cancel
        </button>
      </div>
    </form>
  );
}

interface SettingFieldProps {
  readonly setting: Setting;
  readonly value: string;
  readonly error: string | undefined;
  readonly onInput: (text: string) => void;
}

function SettingField({ setting, value, error, onInput }: SettingFieldProps): JSX.Element {
  const live = settingValue(setting.value, setting.unit);
  return (
    <Field
      label={setting.name}
      unit={unitWord(setting.unit)}
      isNumber
      placeholder={`now ${live}`}
      hint={`${setting.description} Now ${live}; ${setting.minimum.toLocaleString('en')} to ${setting.maximum.toLocaleString('en')}.`}
      value={value}
      error={error}
      onInput={onInput}
    />
  );
}
