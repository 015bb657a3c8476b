import { anyOf, notOf } from './common-filter.ts';
import { type CountField, type Field, fieldNamed, FIELDS, type NamedField } from './fields.ts';
import { type Filter, NAT_KINDS, type Test } from './filter.ts';
import { protocolNumber, STATE_NAMES, STATUS_NAMES } from './kernel-names.ts';
import { parseMark } from './mark.ts';
import { parseNetwork } from './network.ts';
import { parseContext } from './secctx.ts';
import { parseNumber, parseRange, rangeOfComparison } from './number-range.ts';
import { type Operator, refuse, type Token } from './filter-tokens.ts';

const FAMILIES = ['ipv4', 'ipv6'] as const;
const HELPER = /^[\w.-]{1,15}$/;

/** @throws FilterSyntaxError if there is no such field. */
export function parseField(token: Token): Field {
  const field = token.kind === 'word' ? fieldNamed(token.text) : undefined;
  return field ?? refuse(token, `a field (${FIELDS.map(({ name }) => name).join(', ')}), not, all or (`);
}

/** @throws FilterSyntaxError at an operator or a value that is not valid for the field. */
export function parseTest(field: Field, operator: Token, values: readonly Token[]): Filter {
  const sign = operator.text as Operator;
  if (sign === '=') return anyTest(field, values);
  if (sign === '!=') return notOf(anyTest(field, values));
  if (field.kind !== 'number') return refuse(operator, `= or != after ${field.name}`);
  return test({ field: field.name, ranges: [readComparison(field, operator, sign, values)] });
}

function readComparison(field: CountField, operator: Token, sign: '<' | '<=' | '>' | '>=', values: readonly Token[]): Range {
  const [value = operator, second] = values;
  if (second !== undefined) refuse(second, `one number after ${sign}`);
  const number = read(value, (text) => parseNumber(text, field.maximum), field.value);
  return rangeOfComparison(sign, number, field.maximum) ?? refuse(value, `a number with values ${sign} it: ${field.value}`);
}

type Range = NonNullable<ReturnType<typeof parseRange>>;

/** Several values of a field mean any of them. */
function anyTest(field: Field, values: readonly Token[]): Filter {
  const each = <T>(parse: (text: string) => T | undefined, expected: string): T[] => values.map((value) => read(value, parse, expected));
  switch (field.kind) {
    case 'network':
      return test({ field: field.name, networks: each(parseNetwork, field.value) });
    case 'number':
      return test({ field: field.name, ranges: each((text) => parseRange(text, field.maximum), `${field.value}, or a range such as 1-9`) });
    case 'name':
      return anyName(field, each);
  }
}

function anyName(field: NamedField, each: <T>(parse: (text: string) => T | undefined, expected: string) => T[]): Filter {
  const { name, value: expected } = field;
  switch (name) {
    case 'protocol':
      return test({ field: name, protocols: each(parseProtocol, expected) });
    case 'state':
      return test({ field: name, states: each(oneOf(STATE_NAMES, upper), expected) });
    case 'mark':
      return test({ field: name, marks: each(parseMark, `${expected}; up to 0xffffffff, no bit outside the mask`) });
    case 'helper':
      return test({ field: name, helpers: each((text) => (HELPER.test(text) ? text : undefined), expected) });
    case 'secctx':
      return test({ field: name, contexts: each(parseContext, expected) });
    case 'family':
      return anyOf(...each(oneOf(FAMILIES, lower), expected).map((family) => test({ field: name, family })));
    case 'nat':
      return anyOf(...each(oneOf(NAT_KINDS, lower), expected).map((nat) => test({ field: name, nat })));
    case 'status':
      return anyOf(...each(parseStatus, expected).map((mask) => test({ field: name, mask })));
  }
}

function test(of: Test): Filter {
  return { kind: 'test', test: of };
}

/** @throws FilterSyntaxError if `parse` does not accept the token. */
function read<T>(token: Token, parse: (text: string) => T | undefined, expected: string): T {
  return (token.kind === 'word' ? parse(token.text) : undefined) ?? refuse(token, expected);
}

function parseProtocol(text: string): number | undefined {
  return protocolNumber(lower(text)) ?? parseNumber(text, 0xff);
}

function parseStatus(text: string): number | undefined {
  const bit = (STATUS_NAMES as readonly string[]).indexOf(upper(text));
  return bit < 0 ? undefined : 1 << bit;
}

function oneOf<T extends string>(names: readonly T[], spelt: (text: string) => string): (text: string) => T | undefined {
  return (text) => names.find((name) => name === spelt(text));
}

function upper(text: string): string {
  return text.toUpperCase();
}

function lower(text: string): string {
  return text.toLowerCase();
}
