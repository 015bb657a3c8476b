import fc, { type Arbitrary } from 'fast-check';
import type { Document, Schema } from './document.ts';
import { SETTINGS } from './settings.ts';

const ODD_TEXTS = [
  '',
  ' ',
  '\u0000',
  '\u202e',
  '\ud800',
  'ﬀ',
  '🛒'.repeat(40),
  '%',
  '%zz',
  '..',
  '../../etc/passwd',
  "' OR 1=1 --",
  '-1',
  '1e9',
  '0x10',
  'NaN',
  'null',
];
const ODD_NUMBERS = [-1, 0, 1.5, 2 ** 31, 2 ** 53, 1e308, -0];
const HUGE_CHARACTERS = 70_000;
const DEEP = 40;

/** Any text: short, unusual, and occasionally longer than every limit. */
export const anyText: Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  { weight: 4, arbitrary: fc.constantFrom(...ODD_TEXTS) },
  { weight: 1, arbitrary: fc.integer({ min: 200, max: 5_000 }).map((length) => 'x'.repeat(length)) },
);

const anyValue: Arbitrary<unknown> = fc.oneof(
  anyText,
  fc.constantFrom<unknown>(...ODD_NUMBERS, null, true, [], {}, [[]], ['table:read', 'table:read']),
  fc.jsonValue({ maxDepth: 3 }),
  fc.constant(DEEP).map((depth) => Array.from({ length: depth }).reduce<unknown>((inner) => ({ a: inner }), 1)),
);

/** Values that a schema allows. */
export function valid(document: Document, schema: Schema): Arbitrary<unknown> {
  const { $ref, allOf, oneOf, enum: among, items, properties, type } = schema;
  if ($ref !== undefined) return valid(document, document.components.schemas[$ref.split('/').at(-1) ?? ''] ?? {});
  if (allOf?.[0]) return valid(document, allOf[0]);
  if (oneOf) return fc.oneof(...oneOf.map((each) => valid(document, each)));
  if (among && among.length > 0) return fc.constantFrom(...among);
  if (properties) return validObject(document, schema);
  if (items) return fc.uniqueArray(valid(document, items), { minLength: 1, maxLength: 3, selector: (item) => JSON.stringify(item) });
  const example = schema.example ?? schema.examples?.[0];
  switch (Array.isArray(type) ? (type as readonly string[])[0] : type) {
    case 'integer':
      return fc.oneof(
        fc.integer({ min: schema.minimum ?? 0, max: Math.min(schema.maximum ?? 1_000, 2 ** 31 - 1) }),
        fc.constant(example ?? 1),
      );
    case 'number':
      return thousandths(schema);
    case 'boolean':
      return fc.boolean();
    case 'object':
      return fc.oneof(fc.constant(example ?? {}), settingValues(document, schema));
    case undefined:
    default:
      return schema.format === 'date-time'
        ? fc.date({ min: new Date('2026-01-01'), max: new Date('2027-06-01'), noInvalidDate: true }).map((date) => date.toISOString())
        : fc.oneof(fc.constant(example ?? 'a'), fc.string({ minLength: 1, maxLength: 20 }));
  }
}

/** With at most three decimals. */
function thousandths({ minimum = 0, maximum = 1_000 }: Schema): Arbitrary<number> {
  return fc.integer({ min: Math.ceil(minimum * 1_000), max: Math.floor(maximum * 1_000) }).map((value) => value / 1_000);
}

/** Free property names are setting names. */
function settingValues(document: Document, { example, additionalProperties }: Schema): Arbitrary<unknown> {
  if (typeof additionalProperties !== 'object') return fc.constant(example ?? {});
  return fc.dictionary(fc.constantFrom(...SETTINGS), valid(document, additionalProperties), {
    minKeys: 1,
    maxKeys: 3,
    noNullPrototype: true,
  });
}

function validObject(document: Document, { properties = {}, required = [] }: Schema): Arbitrary<unknown> {
  const fields = Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, valid(document, schema)]));
  return fc.record(fields, { requiredKeys: [...required], noNullPrototype: true });
}

/** A JSON text: a valid body with one error. */
export function mutatedBody(body: Arbitrary<unknown>): Arbitrary<string> {
  const object = body.map((value) => ({ ...(value as object) }));
  const named = fc.constantFrom('__proto__', 'constructor', 'toString', 'reason', 'x', '');
  return fc.oneof(
    fc.tuple(object, fc.nat(), anyValue).map(([value, at, other]) => JSON.stringify({ ...value, [nth(Object.keys(value), at)]: other })),
    fc.tuple(object, fc.nat()).map(([value, at]) => {
      const left = Object.entries(value).filter(([name]) => name !== nth(Object.keys(value), at));
      return JSON.stringify(Object.fromEntries(left));
    }),
    fc.tuple(object, named, anyValue).map(([value, name, other]) => withRawField(value, name, JSON.stringify(other))),
    fc.tuple(object, fc.nat(10)).map(([value, at]) => JSON.stringify(value).slice(0, -1 - at)),
    object.map((value) => withRawField(value, 'reason', JSON.stringify('x'.repeat(HUGE_CHARACTERS)))),
    object.map((value) => withRawField(value, 'settings', '{"max":1,"max":2}')),
    fc.constant(DEEP * 500).map((depth) => '['.repeat(depth) + ']'.repeat(depth)),
    anyValue.map((value) => JSON.stringify(value)),
    fc.string({ unit: 'binary', maxLength: 60 }),
  );
}

function nth(names: readonly string[], at: number): string {
  return names[at % Math.max(1, names.length)] ?? 'x';
}

/** An assignment to `__proto__` would not create a field. */
function withRawField(value: object, name: string, json: string): string {
  const text = JSON.stringify(value);
  return `${text.slice(0, -1)}${text === '{}' ? '' : ','}${JSON.stringify(name)}:${json}}`;
}
