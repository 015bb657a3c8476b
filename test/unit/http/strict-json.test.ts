import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConntrackError } from '../../../src/domain/conntrack-error.ts';
import { NumberLiteral, parseStrictJson } from '../../../src/http/input/strict-json.ts';

const parse = (text: string): unknown => parseStrictJson(Buffer.from(text));

function refusalOf(bytes: Uint8Array): ConntrackError {
  try {
    parseStrictJson(bytes);
  } catch (error) {
    if (error instanceof ConntrackError) return error;
    throw error;
  }
  throw new Error('was not refused');
}

describe('strict JSON', () => {
  it('reads plain JSON as JSON.parse does', () => {
    const value = fc.jsonValue({ maxDepth: 4 }).filter((any) => !/-?\d\.|e[+-]?\d|-0|__proto__|\d{16}/i.test(JSON.stringify(any)));
    fc.assert(
      fc.property(value, (any) => {
        expect(parse(JSON.stringify(any))).toEqual(JSON.parse(JSON.stringify(any)));
      }),
    );
  });

  it.each(['1.0', '1e5', '1E+2', '1e9999', '-0', '0.5', '9007199254740993', '131072.000'])('keeps %s as it was written', (text) => {
    expect(parse(`{"max": ${text}}`)).toEqual({ max: new NumberLiteral(text) });
  });

  it.each(['0', '-1', '131072', '9007199254740991'])('reads %s as a number', (text) => {
    expect(parse(text)).toBe(Number(text));
  });

  it.each(['{"max": 0x20}', '{"max": 010}', '{"max": +1}', '{"max": 1,}', '{max: 1}', '{"max": NaN}', '', '{"a":1} {}', '"\\x"', '[1'])(
    'refuses %s as malformed',
    (text) => {
      expect(refusalOf(Buffer.from(text)).code).toBe('MALFORMED_JSON');
    },
  );

  it.each([
    ['{"max": 1, "max": 2}', 'max'],
    ['{"max": 1, "max": 1}', 'max'],
    ['{"m\\u0061x": 1, "max": 1}', 'max'],
    ['{"settings": {"a": {}, "max": [1], "max": {}}}', 'max'],
    ['[{"reason": "a", "b": "}{", "reason": "b"}]', 'reason'],
  ])('names the repeated field of %s', (text, field) => {
    const error = refusalOf(Buffer.from(text));
    expect(error.code).toBe('DUPLICATE_FIELD');
    expect(error.details.errors?.[0]?.field).toBe(field);
  });

  it('allows the same name in different objects', () => {
    expect(parse('{"a": {"max": 1}, "b": {"max": 2}, "max": "max"}')).toEqual({ a: { max: 1 }, b: { max: 2 }, max: 'max' });
  });

  it('refuses __proto__ as a name, however it is spelled, and not as a value', () => {
    expect(refusalOf(Buffer.from('{"settings": {"__proto__": {"max": 1}}}')).code).toBe('MALFORMED_JSON');
    expect(refusalOf(Buffer.from('{"\\u005f_proto__": 1}')).code).toBe('MALFORMED_JSON');
    expect(parse('{"reason": "__proto__"}')).toEqual({ reason: '__proto__' });
  });

  it('refuses deep nesting at once and without exhausting the stack', () => {
    expect(parse('['.repeat(16) + ']'.repeat(16))).toBeInstanceOf(Array);
    expect(refusalOf(Buffer.from('['.repeat(17) + ']'.repeat(17))).message).toContain('16 levels');
    expect(refusalOf(Buffer.from('['.repeat(32_000) + ']'.repeat(32_000))).code).toBe('MALFORMED_JSON');
    expect(refusalOf(Buffer.from('{"a":'.repeat(10_000))).code).toBe('MALFORMED_JSON');
  });

  it('refuses text that is not UTF-8', () => {
    expect(refusalOf(Buffer.from([0x22, 0xff, 0x22])).message).toContain('UTF-8');
  });

  it('does not repeat the body in its messages', () => {
    expect(refusalOf(Buffer.from('{"token": secret-value}')).message).not.toContain('secret');
  });
});
