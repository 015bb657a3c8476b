import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ERROR_CODES } from '../../src/domain/error-codes.ts';
import { STATUS_OF } from '../../src/http/problem/status-of.ts';

const documentation = readFileSync(join(import.meta.dirname, '../../docs/errors.md'), 'utf8');
const rows = [...documentation.matchAll(/^\| `([A-Z_]+)` +\| (\d{3}) +\| \S.+ \| \S.+ \|$/gm)];

describe('docs/errors.md', () => {
  it('explains every code, and no other, in the order of the list', () => {
    expect(rows.map(([, code]) => code)).toEqual([...ERROR_CODES]);
  });

  it('gives each code the status it is answered with', () => {
    expect(Object.fromEntries(rows.map(([, code, status]) => [code, Number(status)]))).toEqual(STATUS_OF);
  });
});
