import type { JSX } from 'preact';
import type { Setting } from '../api/documents.ts';
import { settingValue, unitWord } from '../format/setting-value.ts';
import { Field } from '../parts/field.tsx';

interface SettingFieldProps {
  readonly setting: Setting;
  readonly value: string;
  readonly error: string | undefined;
  readonly onInput: (text: string) => void;
}

export function SettingField({ setting, value, error, onInput }: SettingFieldProps): JSX.Element {
  const live = settingValue(setting.value, setting.unit);
  return (
    <Field
      label={setting.name}
      unit={unitWord(setting.unit)}
      isNumber
      placeholder={`now ${live}`}
      hint={`${setting.description} Now ${live}; range ${setting.minimum.toLocaleString('en')} to ${setting.maximum.toLocaleString('en')}.`}
      value={value}
      error={error}
      onInput={onInput}
    />
  );
}
