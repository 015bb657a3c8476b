import { describe, expect, it } from 'vitest';
import { negotiate } from '../../../src/http/input/accept.ts';

const OFFERED = ['application/json', 'application/x-ndjson', 'text/csv'] as const;

describe('content negotiation', () => {
  it.each([
    [undefined, 'application/json'],
    ['*/*', 'application/json'],
    ['application/*', 'application/json'],
    ['text/*', 'text/csv'],
    ['text/csv', 'text/csv'],
    ['TEXT/CSV', 'text/csv'],
    ['text/csv;header=absent', 'text/csv'],
    ['application/x-ndjson;q=0.5, text/csv;q=0.9', 'text/csv'],
    ['text/csv, application/json', 'application/json'],
    ['text/html, application/xhtml+xml, */*;q=0.8', 'application/json'],
    ['application/json;q=0, */*', 'application/x-ndjson'],
    ['application/json;q=0.1, application/*;q=0.5', 'application/x-ndjson'],
    [' text/csv ; q=1.000 ', 'text/csv'],
  ])('selects for Accept: %s the type %s', (accept, expected) => {
    expect(negotiate(accept, OFFERED)).toBe(expected);
  });

  it.each(['text/html', 'application/problem+json', '', ';', 'text/csv;q=0', '*/*;q=0', 'text/csv;q=2', 'text/csv;q=nonsense'])(
    'has nothing for Accept: %s',
    (accept) => {
      expect(negotiate(accept, OFFERED)).toBeUndefined();
    },
  );
});
