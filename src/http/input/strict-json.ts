import { ConntrackError } from '../../domain/conntrack-error.ts';

const DEPTH_LIMIT = 16;
const PLAIN_INTEGER = /^(?:0|-?[1-9][0-9]*)$/;
/** The tokens that give valid JSON its shape; numbers, `true`, `false` and `null` fall between them. */
const SHAPE = /"(?:[^"\\]|\\.)*"|[{}[\]:]/g;

/** A JSON number that is no plain integer, or none that a double holds exactly (`1.0`, `1e5`, `-0`), as it was written. */
export class NumberLiteral {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toJSON(): string {
    return this.text;
  }
}

type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;
/** The reviver's third argument is in Node 22 and later, and not yet in TypeScript's library. */
const parseWithSource = JSON.parse as (text: string, reviver: Reviver) => unknown;

/**
 * Parses JSON where what is ambiguous is refused: a key given twice in one object (parsers differ in which one wins), `__proto__`,
 * text that is not UTF-8, nesting deeper than 16. Plain integers become numbers, every other number a {@link NumberLiteral}.
 *
 * @throws ConntrackError `MALFORMED_JSON`, `DUPLICATE_FIELD`
 */
export function parseStrictJson(bytes: Uint8Array): unknown {
  const text = decodeUtf8(bytes);
  // V8 parses without recursion; only what is known to be shallow is revived, which recurses.
  refuseMalformed(text);
  refuseShape(text);
  return parseWithSource(text, (_key, value, { source }) => (typeof value === 'number' ? integerOrLiteral(value, source) : value));
}

function integerOrLiteral(value: number, source = ''): number | NumberLiteral {
  return PLAIN_INTEGER.test(source) && Number.isSafeInteger(value) ? value : new NumberLiteral(source);
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new ConntrackError('MALFORMED_JSON', 'The body is not UTF-8 text.', { cause });
  }
}

function refuseMalformed(text: string): void {
  try {
    JSON.parse(text);
  } catch (cause) {
    throw new ConntrackError('MALFORMED_JSON', `The body is not valid JSON${positionIn(cause)}.`, {
      cause,
      remedy: 'Numbers are decimal (no 0x20, no leading zeros or plus sign), strings and names are in double quotes, no trailing commas.',
    });
  }
}

/** The engine's messages quote the body; only where it stopped is repeated. */
function positionIn(error: unknown): string {
  const position = error instanceof Error ? /line \d+ column \d+|position \d+/.exec(error.message)?.[0] : undefined;
  return position === undefined ? '' : `: parsing stopped at ${position}`;
}

function refuseShape(text: string): void {
  const open: Set<string>[] = [];
  let previous = '';
  for (const [token] of text.matchAll(SHAPE)) {
    if (token === '{' || token === '[') open.push(new Set());
    else if (token === '}' || token === ']') open.pop();
    else if (token === ':') claim(open.at(-1), JSON.parse(previous) as string);
    if (open.length > DEPTH_LIMIT)
      throw new ConntrackError('MALFORMED_JSON', `The body is nested deeper than ${String(DEPTH_LIMIT)} levels.`);
    previous = token;
  }
}

function claim(keys: Set<string> | undefined, key: string): void {
  if (keys?.has(key)) throw duplicate(key);
  if (key === '__proto__') throw new ConntrackError('MALFORMED_JSON', 'A field must not be named "__proto__".');
  keys?.add(key);
}

function duplicate(field: string): ConntrackError {
  return new ConntrackError('DUPLICATE_FIELD', 'A field appears twice in one object; which one is meant cannot be told.', {
    errors: [{ field, expected: 'given once', found: 'given twice' }],
  });
}
