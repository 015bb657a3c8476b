import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ERROR_CODES, ERRORS } from '../../src/domain/error-codes.ts';

const documentation = readFileSync(join(import.meta.dirname, '../../docs/errors.md'), 'utf8');
const rows = [...documentation.matchAll(/^\| `([A-Z_]+)` +\| (\d{3}) +\| \S.+ \| \S.+ \|$/gm)];

describe('docs/errors.md', () => {
  it('explains every code, and no other, ordered by status', () => {
    const byStatus = ERROR_CODES.toSorted((a, b) => ERRORS[a].status - ERRORS[b].status);
    expect(rows.map(([, code]) => code)).toEqual(byStatus);
  });

  it('shows the status that each code is sent with', () => {
    const statuses = ERROR_CODES.map((code) => [code, ERRORS[code].status]);
    expect(Object.fromEntries(rows.map(([, code, status]) => [code, Number(status)]))).toEqual(Object.fromEntries(statuses));
  });
});
