import type { NumberRange } from './filter.ts';
import type { Operator } from './filter-tokens.ts';

const NUMBER = /^(?:0|[1-9][0-9]{0,15})$/;

/** Canonical decimal text from 0 to `maximum`. */
export function parseNumber(text: string, maximum: number): number | undefined {
  return NUMBER.test(text) && Number(text) <= maximum ? Number(text) : undefined;
}

/** `80`, `8000-8080`; the second number is not below the first. */
export function parseRange(text: string, maximum: number): NumberRange | undefined {
  const [from, to = from, ...rest] = text.split('-').map((end) => parseNumber(end, maximum));
  return from === undefined || to === undefined || rest.length > 0 || to < from ? undefined : { from, to };
}

/** The range of `< number` and similar comparisons; `undefined` if it is empty. */
export function rangeOfComparison(operator: Exclude<Operator, '=' | '!='>, number: number, maximum: number): NumberRange | undefined {
  const from = operator === '>' ? number + 1 : operator === '>=' ? number : 0;
  const to = operator === '<' ? number - 1 : operator === '<=' ? number : maximum;
  return from <= to ? { from, to } : undefined;
}

export function formatRange({ from, to }: NumberRange): string {
  return from === to ? String(from) : `${String(from)}-${String(to)}`;
}
