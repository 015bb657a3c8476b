import { FilterSyntaxError } from './filter-syntax-error.ts';

type TokenKind = 'word' | 'operator' | '(' | ')' | ',' | 'end';

const OPERATORS = ['=', '!=', '<', '<=', '>', '>='] as const;
export type Operator = (typeof OPERATORS)[number];

/** A piece of the text and the position where it begins. */
export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly position: number;
}

// Blanks, then one sign or a word; a word is any printable ASCII except signs.
const BLANKS = /[ \t\r\n]*/y;
const TOKEN = /[(),]|[!<>]?=|[<>]|[^\P{ASCII}\p{Cc} (),=<>!]+/uy;
const SHOWN_CHARACTERS = 60;

/** @throws FilterSyntaxError at a character that is not allowed in a filter. */
export function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let position = after(BLANKS, text, 0);
  while (position < text.length) {
    const end = after(TOKEN, text, position);
    if (end === position) throw new FilterSyntaxError(position, 'a word or one of ( ) , = != < <= > >=', characterAt(text, position));
    const token = text.slice(position, end);
    tokens.push({ kind: kindOf(token), text: token, position });
    position = after(BLANKS, text, end);
  }
  return [...tokens, { kind: 'end', text: '', position: text.length }];
}

/** @throws FilterSyntaxError always: `token` is not `expected`. */
export function refuse(token: Token, expected: string): never {
  throw new FilterSyntaxError(token.position, expected, token.kind === 'end' ? 'the end' : shown(token.text));
}

function shown(text: string): string {
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}...` : text;
}

function kindOf(token: string): TokenKind {
  if (token === '(' || token === ')' || token === ',') return token;
  return (OPERATORS as readonly string[]).includes(token) ? 'operator' : 'word';
}

function after(pattern: RegExp, text: string, position: number): number {
  pattern.lastIndex = position;
  return pattern.test(text) ? pattern.lastIndex : position;
}

function characterAt(text: string, position: number): string {
  const code = text.codePointAt(position) ?? 0;
  return code > 0x20 && code < 0x7f ? text.charAt(position) : `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
}
