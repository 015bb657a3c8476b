import type { Setting } from '../api/answers.ts';
import type { SettingsRequest } from '../api/api.ts';

export const WINDOW_SECONDS = { minimum: 10, maximum: 86_400, usual: 120 } as const;

/** What stands in the form's fields, as typed. */
export interface Typed {
  /** By settings name; empty: as it is. */
  readonly values: Readonly<Record<string, string>>;
  readonly reason: string;
  readonly persist: boolean;
  /** Empty: no confirmation window. */
  readonly windowSeconds: string;
}

/** By field: a settings name, or `windowSeconds`. */
export type FormErrors = Readonly<Record<string, string>>;

export type ReadForm = { readonly request: SettingsRequest } | { readonly errors: FormErrors };

/** The request that the form asks for. The service judges it too; what is plainly no number is said here, at its field. */
export function readForm({ values, reason, persist, windowSeconds }: Typed, settings: readonly Setting[]): ReadForm {
  const filled = settings.filter(({ name }) => (values[name] ?? '').trim() !== '');
  const errors = Object.fromEntries([
    ...filled.flatMap(({ name, minimum, maximum }) => namedError(name, integerError(values[name] ?? '', minimum, maximum))),
    ...(windowSeconds.trim() === ''
      ? []
      : namedError('windowSeconds', integerError(windowSeconds, WINDOW_SECONDS.minimum, WINDOW_SECONDS.maximum))),
    ...(filled.length === 0 && !persist
      ? [[settings[0]?.name ?? 'windowSeconds', 'Enter a value, or ask to persist the live ones.'] as const]
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

/** Digits, with the separators that this page shows numbers with. */
const DIGITS = /^\d{1,3}(?:[, ]\d{3})*$|^\d+$/;

function integerError(text: string, minimum: number, maximum: number): string | undefined {
  const value = toInteger(text);
  if (DIGITS.test(text.trim()) && value >= minimum && value <= maximum) return undefined;
  return `Expected a whole number from ${minimum.toLocaleString('en')} to ${maximum.toLocaleString('en')}.`;
}

function toInteger(text: string): number {
  return Number(text.replace(/[, ]/g, ''));
}
