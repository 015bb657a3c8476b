import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FIELDS } from '../../../../src/domain/filter/fields.ts';
import { ADDRESS_FIELDS, NUMBER_FIELDS } from '../../../../src/domain/filter/filter.ts';
import { PROTOCOL_NAMES, STATE_NAMES, STATUS_NAMES } from '../../../../src/domain/filter/kernel-names.ts';
import { FILTER_LIMITS, parseFilter } from '../../../../src/domain/filter/parse-filter.ts';
import { IPPROTO, STATE_NAMES as STATES_BY_PROTOCOL, STATUS_BITS } from '../../../../src/kernel/entries/entry-view.ts';

const documentation = readFileSync(join(import.meta.dirname, '../../../../docs/filters.md'), 'utf8');
const rows = [...documentation.matchAll(/^\| `([A-Za-z]+)` +\| +(?:`([a-z]+)` +)?\| (.+?) +\| \S.+? +\| \S.+? +\|$/gm)];

function namesAfter(heading: string): readonly string[] {
  const [, paragraph = ''] = documentation.split(`\n${heading}: `);
  const list = paragraph.split(/\.[ \n]|, or any/)[0] ?? '';
  return [...list.matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? '');
}

describe('docs/filters.md', () => {
  it('has a row for every field, and no other, with its alias and values', () => {
    const fields = FIELDS.map(({ name, alias, value }) => [name, alias ?? '', value.replace(/: .*/, '')]);
    expect(rows.map(([, name, alias, value]) => [name, alias ?? '', value])).toEqual(fields);
  });

  it('names every state, status and protocol', () => {
    expect(namesAfter('States')).toEqual([...STATE_NAMES]);
    expect(namesAfter('Statuses')).toEqual([...STATUS_NAMES]);
    expect(namesAfter('Protocols')).toEqual([...PROTOCOL_NAMES]);
  });

  it('states the limits', () => {
    const { characters, values, nesting } = FILTER_LIMITS;
    expect(documentation).toContain(`${String(characters)} characters, ${String(values)} values in all, ${String(nesting)} parentheses`);
  });

  it('has valid examples', () => {
    const [, section = ''] = documentation.split('## Examples');
    const examples = [...(section.split('## ')[0] ?? '').matchAll(/^\| [^|`]+\| `([^`]+)`/gm)].map(([, text]) => text ?? '');
    const [, first = ''] = documentation.split('```');
    for (const text of [first, ...examples]) expect(() => parseFilter(text)).not.toThrow();
    expect(examples.length).toBe(9);
  });
});

describe('the fields', () => {
  it('are all fields that a test can have', () => {
    const others = ['secctx', 'family', 'protocol', 'natSource', 'natDestination', 'state', 'status', 'mark', 'nat', 'helper'];
    expect(FIELDS.map(({ name }) => name).toSorted()).toEqual([...ADDRESS_FIELDS, ...NUMBER_FIELDS, ...others].toSorted());
  });

  it('use the same names as entries', () => {
    expect(STATUS_NAMES).toEqual(STATUS_BITS);
    expect(new Set(STATE_NAMES)).toEqual(new Set([...STATES_BY_PROTOCOL.values()].flat()));
    for (const [name, number] of Object.entries(IPPROTO)) {
      expect(parseFilter(`protocol=${name}`)).toEqual({ kind: 'test', test: { field: 'protocol', protocols: [number] } });
    }
  });
});
