import { ConntrackError } from '../../domain/conntrack-error.ts';

const DEPTH_LIMIT = 16;
const PLAIN_INTEGER = /^(?:0|-?[1-9][0-9]*)$/;
/** The structural tokens of valid JSON, and strings. Numbers, `true`, `false` and `null` lie between them. */
const SHAPE = /"(?:[^"\\]|\\.)*"|[{}[\]:]/g;

/** The text of a JSON number that is not a plain integer (`1.0`, `1e5`, `-0`), or that a double cannot hold exactly. */
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
/** Node 22 and later pass the reviver a third argument, which TypeScript's library does not declare yet. */
const parseWithSource = JSON.parse as (text: string, reviver: Reviver) => unknown;

/**
 * Parses JSON and refuses ambiguous or hostile input: a repeated key in one object (parsers differ in which one they use), `__proto__`,
 * text that is not UTF-8, nesting deeper than 16 levels. Plain integers become numbers, every other number a {@link NumberLiteral}.
 *
 * @throws ConntrackError `MALFORMED_JSON`, `DUPLICATE_FIELD`
 */
export function parseStrictJson(bytes: Uint8Array): unknown {
  const text = decodeUtf8(bytes);
  // V8 parses without recursion, but revives recursively: the depth is checked in between.
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
      remedy:
        'Write numbers in decimal (no 0x20, no leading zeros or plus sign), put strings and names in double quotes, and remove trailing commas.',
    });
  }
}

/** Only the position: the engine's messages quote the body. */
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
  return new ConntrackError('DUPLICATE_FIELD', 'A field appears twice in one object, so its value is ambiguous.', {
    errors: [{ field, expected: 'one occurrence', found: 'two occurrences' }],
  });
}
