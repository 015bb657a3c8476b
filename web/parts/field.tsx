import type { JSX } from 'preact';
import { useId } from 'preact/hooks';

interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly onInput: (text: string) => void;
  readonly hint?: string;
  readonly unit?: string;
  readonly placeholder?: string;
  readonly error?: string | undefined;
  readonly isNumber?: boolean;
  readonly maxLength?: number;
}

/** A labelled text field. Screen readers announce its hint or its error with it. */
export function Field({
  label,
  value,
  onInput,
  hint,
  unit = '',
  placeholder,
  error,
  isNumber = false,
  maxLength,
}: FieldProps): JSX.Element {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="field-line">
        <input
          id={id}
          type="text"
          inputMode={isNumber ? 'numeric' : 'text'}
          autocomplete="off"
          value={value}
          placeholder={placeholder}
          maxLength={maxLength}
          aria-invalid={error !== undefined}
          aria-describedby={`${id}-hint`}
          onInput={({ currentTarget }) => {
            onInput(currentTarget.value);
          }}
        />
        {unit !== '' && <span class="unit">{unit}</span>}
      </div>
      <p id={`${id}-hint`} class={error === undefined ? 'hint' : 'field-error'}>
        {error ?? hint}
      </p>
    </div>
  );
}
