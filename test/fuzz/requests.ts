import fc, { type Arbitrary } from 'fast-check';
import type { Document, Endpoint, Parameter } from './document.ts';
import { anyText, mutatedBody, valid } from './values.ts';

/** One request, as it goes over the wire. */
export interface FuzzedRequest {
  readonly operationId: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

const ODD_HEADERS: readonly (readonly [string, string])[] = [
  ['accept', 'application/x-ndjson'],
  ['accept', 'text/csv, */*;q=0.1'],
  ['accept', 'text/event-stream'],
  ['accept', 'image/png'],
  ['accept', ';;q=,'],
  ['accept-encoding', 'gzip'],
  ['accept-encoding', 'zstd, gzip;q=0'],
  ['content-type', 'text/plain'],
  ['content-type', 'application/json; charset=utf-16'],
  ['content-type', 'application/'],
  ['if-match', '*'],
  ['if-match', 'W/"a"'],
  ['if-none-match', '*'],
  ['idempotency-key', ''],
  ['idempotency-key', '"a'],
  ['idempotency-key', 'x'.repeat(300)],
  ['last-event-id', '\u00ff'],
  ['origin', 'https://attacker.example'],
  ['origin', 'null'],
  ['host', 'attacker.example'],
  ['authorization', 'Bearer'],
  ['authorization', 'Bearer a.b.c'],
  ['authorization', `Bearer ctapi_000000000000_${'0'.repeat(72)}`],
  ['x-request-id', 'a\tb'],
  ['x-request-id', 'y'.repeat(400)],
  ['transfer-encoding', 'chunked'],
];

/** Ids seen in responses, so that some requests name existing objects. */
export type KnownIds = (endpoint: Endpoint) => readonly string[];

/** Requests to these endpoints: about half of them valid by the document, the others with one error. */
export function requestsTo(document: Document, endpoints: readonly Endpoint[], known: KnownIds): Arbitrary<FuzzedRequest> {
  return fc.oneof(...endpoints.map((endpoint) => requestTo(document, endpoint, known)));
}

function requestTo(document: Document, endpoint: Endpoint, known: KnownIds): Arbitrary<FuzzedRequest> {
  const { operation, method } = endpoint;
  const { schema, examples = {} } = operation.requestBody?.content['application/json'] ?? {};
  // Random bodies are almost never about entries that exist.
  const documented = endpoint.path.includes('/entries') ? Object.values(examples).map(({ value }) => JSON.stringify(value)) : [];
  const bodyOf = schema && valid(document, schema);
  const body = bodyOf
    ? fc.oneof(
        { weight: 3, arbitrary: bodyOf.map((value) => JSON.stringify(value)) },
        { weight: 3, arbitrary: mutatedBody(bodyOf) },
        ...(documented.length > 0 ? [{ weight: 2, arbitrary: fc.constantFrom(...documented) }] : []),
        { weight: 1, arbitrary: fc.constant(undefined) },
      )
    : fc.constant(undefined);
  const headers = fc.oneof(
    { weight: 4, arbitrary: fc.constant<readonly (readonly [string, string])[]>([]) },
    { weight: 1, arbitrary: fc.array(fc.constantFrom(...ODD_HEADERS), { minLength: 1, maxLength: 2 }) },
  );
  return fc
    .record({
      path: pathOf(document, endpoint, known),
      query: queryOf(document, operation.parameters ?? []),
      headers,
      body,
      key: keyOf(endpoint),
    })
    .map(({ path, query, headers: odd, body: text, key }) => ({
      operationId: operation.operationId,
      method,
      path: path + query,
      headers: { ...(text !== undefined && { 'content-type': 'application/json' }), ...key, ...Object.fromEntries(odd) },
      body: text,
    }));
}

function pathOf(document: Document, endpoint: Endpoint, known: KnownIds): Arbitrary<string> {
  const parameters = (endpoint.operation.parameters ?? []).filter((parameter) => parameter.in === 'path');
  const values = parameters.map((parameter) =>
    fc.oneof(
      {
        weight: 3,
        arbitrary: fc
          .nat()
          .map((at) => at)
          .chain((at) => fc.constant(nth(known(endpoint), at))),
      },
      { weight: 3, arbitrary: validText(document, parameter) },
      { weight: 2, arbitrary: anyText },
    ),
  );
  return fc
    .tuple(...values)
    .map((texts) => texts.reduce((path, text, at) => path.replace(`{${parameters[at]?.name ?? ''}}`, () => segment(text)), endpoint.path));
}

/** Never empty, a dot segment, or a literal path: that would be another route. */
function segment(text: string): string {
  const encoded = encodeURIComponent(text.toWellFormed());
  return /^\.{0,2}$|^(rollback-to|verify|export|awaiting-confirmation|summary|delete|flush|counters|unpersist)$/.test(encoded)
    ? '4711'
    : encoded;
}

function queryOf(document: Document, parameters: readonly Parameter[]): Arbitrary<string> {
  // A response that follows never ends.
  const own = parameters.filter((parameter) => parameter.in === 'query' && parameter.name !== 'follow');
  const pairs = own.map((parameter) => {
    const value = fc.oneof({ weight: 4, arbitrary: validText(document, parameter) }, { weight: 1, arbitrary: anyText });
    return value.map((text) => [parameter.name, text] as const);
  });
  const strange = fc.tuple(fc.oneof(anyText, fc.constantFrom('__proto__', 'limit[]', 'a[b]')), anyText);
  const one = fc.oneof({ weight: 1, arbitrary: strange }, ...pairs.map((arbitrary) => ({ weight: 4, arbitrary })));
  const some =
    pairs.length === 0
      ? fc.oneof({ weight: 9, arbitrary: fc.constant([]) }, fc.array(strange, { maxLength: 2 }))
      : fc.array(one, { maxLength: 4 });
  return some.map((all) => (all.length === 0 ? '' : `?${all.map(([name, text]) => `${encoded(name)}=${encoded(text)}`).join('&')}`));
}

const encoded = (text: string): string =>
  encodeURIComponent(text.toWellFormed())
    .slice(0, 6_000)
    .replace(/%[0-9A-F]?$/, '');

function keyOf({ operation }: Endpoint): Arbitrary<Record<string, string>> {
  const takesKey = operation.parameters?.some(({ name }) => name === 'Idempotency-Key') === true;
  const none = { weight: 3, arbitrary: fc.constant({}) };
  return takesKey
    ? fc.oneof(none, { weight: 1, arbitrary: fc.nat(200).map((number) => ({ 'idempotency-key': `"fuzz-${String(number)}"` })) })
    : none.arbitrary;
}

function validText(document: Document, { schema, example }: Parameter): Arbitrary<string> {
  const value = valid(document, { ...schema, ...(example !== undefined && { example }) });
  return value.map((each) => (typeof each === 'string' ? each : Array.isArray(each) ? each.join(',') : JSON.stringify(each)));
}

function nth(values: readonly string[], at: number): string {
  return values[at % Math.max(1, values.length)] ?? '4711';
}
