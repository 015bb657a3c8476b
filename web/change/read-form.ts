import type { Setting } from '../api/documents.ts';
import type { SettingsRequest } from '../api/api.ts';

export const WINDOW_SECONDS = { minimum: 10, maximum: 86_400, standard: 120 } as const;

/** The content of the form's fields, as entered. */
export interface Typed {
  /** By setting name; empty: unchanged. */
  readonly values: Readonly<Record<string, string>>;
  readonly reason: string;
  readonly persist: boolean;
  /** Empty: no confirmation window. */
  readonly windowSeconds: string;
}

/** By field: a setting name, or `windowSeconds`. */
export type FormErrors = Readonly<Record<string, string>>;

export type ReadForm = { readonly request: SettingsRequest } | { readonly errors: FormErrors };

/** Converts the form to a request. Numbers are checked here, so that an error is shown at its field; the service checks the rest. */
export function readForm({ values, reason, persist, windowSeconds }: Typed, settings: readonly Setting[]): ReadForm {
  const filled = settings.filter(({ name }) => (values[name] ?? '').trim() !== '');
  const errors = Object.fromEntries([
    ...filled.flatMap(({ name, minimum, maximum }) => namedError(name, integerError(values[name] ?? '', minimum, maximum))),
    ...(windowSeconds.trim() === ''
      ? []
      : namedError('windowSeconds', integerError(windowSeconds, WINDOW_SECONDS.minimum, WINDOW_SECONDS.maximum))),
    ...(filled.length === 0 && !persist
      ? [[settings[0]?.name ?? 'windowSeconds', 'Enter a value, or select Persist to persist the live values.'] as const]
      : []),
  ]);
  if (Object.keys(errors).length > 0) return { errors };
  return {
    request: {
      settings: Object.fromEntries(filled.map(({ name }) => [name, toInteger(values[name] ?? '')])),
      persist,
      ...(reason.trim() !== '' && { reason: reason.trim() }),
      ...(windowSeconds.trim() !== '' && { confirmWithinSeconds: toInteger(windowSeconds) }),
    },
  };
}

function namedError(name: string, error: string | undefined): readonly (readonly [string, string])[] {
  return error === undefined ? [] : [[name, error]];
}

/** Digits, with the thousands separators that this page displays. */
const DIGITS = /^\d{1,3}(?:[, ]\d{3})*$|^\d+$/;

function integerError(text: string, minimum: number, maximum: number): string | undefined {
  const value = toInteger(text);
  if (DIGITS.test(text.trim()) && value >= minimum && value <= maximum) return undefined;
  return `Expected a whole number from ${minimum.toLocaleString('en')} to ${maximum.toLocaleString('en')}.`;
}

function toInteger(text: string): number {
  return Number(text.replace(/[, ]/g, ''));
}
