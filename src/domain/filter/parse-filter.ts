import { allOf, anyOf, notOf } from './common-filter.ts';
import { EVERY_ENTRY, type Filter } from './filter.ts';
import { FilterSyntaxError } from './filter-syntax-error.ts';
import { parseField, parseTest } from './parse-test.ts';
import { refuse, type Token, tokensOf } from './filter-tokens.ts';

/** Limits of a filter; they bound the work per entry. */
export const FILTER_LIMITS = { characters: 4_096, nesting: 32, values: 256 } as const;

/**
 * Parses the syntax of docs/filters.md: tests `field=value,…` joined by `and`, `or` and `not`, with parentheses.
 *
 * @throws FilterSyntaxError and nothing else
 */
export function parseFilter(text: string): Filter {
  const { characters } = FILTER_LIMITS;
  if (text.length > characters) {
    throw new FilterSyntaxError(characters, `at most ${String(characters)} characters`, `${String(text.length)} characters`);
  }
  return new FilterParser(tokensOf(text)).whole();
}

class FilterParser {
  private readonly tokens: readonly Token[];
  private next = 0;
  private depth = 0;
  private values = 0;

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens;
  }

  whole(): Filter {
    const filter = this.alternatives();
    if (this.token().kind !== 'end') refuse(this.token(), 'and, or, or the end');
    return filter;
  }

  private alternatives(): Filter {
    const of = [this.conjunction()];
    while (this.accept('or')) of.push(this.conjunction());
    return anyOf(...of);
  }

  private conjunction(): Filter {
    const of = [this.term()];
    while (this.accept('and')) of.push(this.term());
    return allOf(...of);
  }

  private term(): Filter {
    const begin = this.token();
    if (this.accept('not')) return this.nested(begin, () => notOf(this.term()));
    if (this.accept('(')) return this.nested(begin, () => this.closed(begin));
    return this.accept('all') ? EVERY_ENTRY : this.test();
  }

  private closed(opening: Token): Filter {
    const filter = this.alternatives();
    if (!this.accept(')')) refuse(this.token(), `and, or, or ) to close the ( at position ${String(opening.position)}`);
    return filter;
  }

  private nested(begin: Token, content: () => Filter): Filter {
    this.depth += 1;
    if (this.depth > FILTER_LIMITS.nesting) refuse(begin, `at most ${String(FILTER_LIMITS.nesting)} nested parentheses and nots`);
    const filter = content();
    this.depth -= 1;
    return filter;
  }

  private test(): Filter {
    const field = parseField(this.token());
    this.next += 1;
    const operator = this.token();
    if (operator.kind !== 'operator') refuse(operator, `an operator (=, !=, <, <=, >, >=) after ${field.name}`);
    this.next += 1;
    const values = [this.value()];
    while (this.accept(',')) values.push(this.value());
    return parseTest(field, operator, values);
  }

  private value(): Token {
    const value = this.token();
    this.values += 1;
    if (this.values > FILTER_LIMITS.values) refuse(value, `at most ${String(FILTER_LIMITS.values)} values`);
    if (value.kind !== 'end') this.next += 1;
    return value;
  }

  /** Consumes the next token if it is this word or sign. */
  private accept(text: string): boolean {
    const found = this.token().text.toLowerCase() === text;
    if (found) this.next += 1;
    return found;
  }

  private token(): Token {
    const token = this.tokens[this.next];
    if (token === undefined) throw new RangeError('expected a token, found the end of the filter');
    return token;
  }
}
