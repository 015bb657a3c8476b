import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Setting } from '../api/documents.ts';
import type { SettingsRequest } from '../api/api.ts';
import { ProblemNotice } from '../parts/problem-notice.tsx';
import { readForm, type FormErrors, type Typed } from './read-form.ts';
import { SettingField } from './setting-field.tsx';
import { TermsFields } from './terms-fields.tsx';
import type { PlannedChange } from './use-planned.ts';

interface SettingsFormProps {
  readonly settings: readonly Setting[];
  readonly typed: Typed;
  readonly onType: (typed: Typed) => void;
  readonly change: PlannedChange<SettingsRequest>;
  readonly onClose: () => void;
}

export function SettingsForm({ settings, typed, onType, change, onClose }: SettingsFormProps): JSX.Element {
  const [errors, setErrors] = useState<FormErrors>({});
  const submit = (event: Event): void => {
    event.preventDefault();
    const read = readForm(typed, settings);
    setErrors('errors' in read ? read.errors : {});
    if ('request' in read && !change.isBusy) void change.requestPlan(read.request);
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
      <TermsFields typed={typed} windowError={errors['windowSeconds']} onType={onType} />
      {change.problem && <ProblemNotice problem={change.problem} />}
      <div class="actions">
        <button type="submit" class="primary" aria-disabled={change.isBusy}>
          {change.isBusy ? 'Planning …' : 'Show plan'}
        </button>
        <button type="button" onClick={onClose}>
          Cancel
        </button>
      </div>
    </form>
  );
}
