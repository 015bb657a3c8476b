import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FIELDS } from '../../../../src/domain/filter/fields.ts';
import { EVERY_ENTRY, type Filter, type Test } from '../../../../src/domain/filter/filter.ts';
import { FilterSyntaxError } from '../../../../src/domain/filter/filter-syntax-error.ts';
import { FILTER_LIMITS, parseFilter } from '../../../../src/domain/filter/parse-filter.ts';

const test = (of: Test): Filter => ({ kind: 'test', test: of });
const port = (number: number): Filter => test({ field: 'port', ranges: [{ from: number, to: number }] });
const not = (of: Filter): Filter => ({ kind: 'not', of });

function errorOf(text: string): FilterSyntaxError {
  try {
    parseFilter(text);
  } catch (error) {
    if (error instanceof FilterSyntaxError) return error;
    throw error;
  }
  throw new Error(`understood: ${text}`);
}

describe('one test', () => {
  it.each<[string, Test]>([
    ['family=IPv6', { field: 'family', family: 'ipv6' }],
    ['protocol=tcp,17,ICMPv6,0', { field: 'protocol', protocols: [6, 17, 58, 0] }],
    ['src = 10.0.0.0/8', { field: 'source', networks: [{ family: 'ipv4', address: '10.0.0.0', prefixLength: 8 }] }],
    ['natSource=2001:DB8:0::1', { field: 'natSource', networks: [{ family: 'ipv6', address: '2001:db8::1', prefixLength: 128 }] }],
    ['dport=80 , 8000-8080', { field: 'destinationPort', ranges: [80, 8000].map((from, index) => ({ from, to: [80, 8080][index] ?? 0 })) }],
    ['timeout<60', { field: 'timeout', ranges: [{ from: 0, to: 59 }] }],
    ['timeout<=60', { field: 'timeout', ranges: [{ from: 0, to: 60 }] }],
    ['bytes>1000', { field: 'bytes', ranges: [{ from: 1001, to: Number.MAX_SAFE_INTEGER }] }],
    ['zone>=1', { field: 'zone', ranges: [{ from: 1, to: 65_535 }] }],
    ['state=time_wait,CLOSE', { field: 'state', states: ['TIME_WAIT', 'CLOSE'] }],
    ['status=Assured', { field: 'status', mask: 4 }],
    ['mark=16', { field: 'mark', marks: [{ value: 16, mask: 0xffffffff }] }],
    ['mark=0x80000000/0xF0000000', { field: 'mark', marks: [{ value: 0x80000000, mask: 0xf0000000 }] }],
    ['nat=none', { field: 'nat', nat: 'none' }],
    ['helper=Q.931', { field: 'helper', helpers: ['Q.931'] }],
    ['secctx=a:s0%3Ac1%2cc2,b%20c', { field: 'secctx', contexts: ['a:s0:c1,c2', 'b c'] }],
    ['originalVtag=4294967295', { field: 'originalVtag', ranges: [{ from: 4_294_967_295, to: 4_294_967_295 }] }],
  ])('reads %s', (text, expected) => {
    expect(parseFilter(text)).toEqual(test(expected));
  });

  it('clears the bits of a network that its prefix does not cover', () => {
    expect(parseFilter('source=10.1.2.3/8')).toEqual(parseFilter('source=10.0.0.0/8'));
    expect(parseFilter('source=2001:db8:ffff::1/33')).toEqual(parseFilter('source=2001:db8:8000::/33'));
  });

  it('accepts every field by its name and alias, in upper and lower case', () => {
    const value = { network: '::1', number: '1', name: '' };
    const words = { helper: 'ftp', secctx: 'unlabeled_t' };
    const names = { family: 'ipv4', protocol: 'tcp', state: 'NONE', status: 'DYING', nat: 'any', mark: '1', ...words };
    for (const { name, alias = name, kind } of FIELDS) {
      const text = kind === 'name' ? names[name] : value[kind];
      for (const spelling of [name, name.toUpperCase(), alias]) {
        expect(parseFilter(`${spelling}=${text}`)).toMatchObject({ kind: 'test', test: { field: name } });
      }
    }
  });

  it('parses several values of a single-valued field as alternatives', () => {
    const bits = [1, 2].map((bit) => test({ field: 'status', mask: 1 << bit }));
    expect(parseFilter('status=SEEN_REPLY,ASSURED')).toEqual({ kind: 'any', of: bits });
    expect(parseFilter('status!=SEEN_REPLY,ASSURED')).toEqual(not({ kind: 'any', of: bits }));
  });
});

describe('and, or, not', () => {
  it.each<[string, Filter]>([
    ['all', EVERY_ENTRY],
    ['not all', not(EVERY_ENTRY)],
    ['port=1 or port=2 and port=3', { kind: 'any', of: [port(1), { kind: 'all', of: [port(2), port(3)] }] }],
    ['(port=1 or port=2)and(port=3)', { kind: 'all', of: [{ kind: 'any', of: [port(1), port(2)] }, port(3)] }],
    ['not port=1 and port=2', { kind: 'all', of: [not(port(1)), port(2)] }],
    ['NOT (port=1 Or port=2)', not({ kind: 'any', of: [port(1), port(2)] })],
    ['port!=1', not(port(1))],
    ['not not port=1', port(1)],
    ['not port!=1', port(1)],
    ['port=1 and (port=2 and port=3)', { kind: 'all', of: [port(1), port(2), port(3)] }],
    [' \n port\t= 1 \r\n', port(1)],
  ])('reads %j', (text, expected) => {
    expect(parseFilter(text)).toEqual(expected);
  });
});

describe('errors', () => {
  it.each([
    ['', 0, /a field .*not, all or \(/, 'the end'],
    ['port=80 and', 11, /a field/, 'the end'],
    ['prot=tcp', 0, /a field \(family, protocol, source/, 'prot'],
    ['port 80', 5, /an operator .* after port/, '80'],
    ['port=', 5, /a port from 0 to 65535/, 'the end'],
    ['port=80,', 8, /a port/, 'the end'],
    ['port=,80', 5, /a port/, ','],
    ['port=65536', 5, /a port from 0 to 65535, or a range/, '65536'],
    ['port=080', 5, /a port/, '080'],
    ['port=0x50', 5, /a port/, '0x50'],
    ['port=90-80', 5, /a range/, '90-80'],
    ['port=1-2-3', 5, /a range/, '1-2-3'],
    ['port>1-2', 5, /a port/, '1-2'],
    ['port>65535', 5, /a number with values > it/, '65535'],
    ['port<0', 5, /a number with values < it/, '0'],
    ['port>1,2', 7, /one number after >/, '2'],
    ['state>CLOSE', 5, /= or != after state/, '>'],
    ['state=OPENED', 6, /a state: NONE, SYN_SENT.*CLOSEREQ/, 'OPENED'],
    ['status=SURE', 7, /a status: EXPECTED, SEEN_REPLY/, 'SURE'],
    ['protocol=256', 9, /the name or number of a protocol/, '256'],
    ['family=ipv5', 7, /ipv4 or ipv6/, 'ipv5'],
    ['nat=both', 4, /source, destination, any, none/, 'both'],
    ['mark=0x10/0x0f', 5, /no bit outside the mask/, '0x10/0x0f'],
    ['mark=4294967296', 5, /0xffffffff/, '4294967296'],
    ['helper=sixteen-letters-', 7, /the name of a helper/, 'sixteen-letters-'],
    ['source=10.0.0.1/33', 7, /a network/, '10.0.0.1/33'],
    ['source=fe80::1%eth0', 7, /a network/, 'fe80::1%eth0'],
    ['(port=80', 8, /to close the \( at position 0/, 'the end'],
    ['port=80)', 7, /and, or, or the end/, ')'],
    ['port=80 port=90', 8, /and, or, or the end/, 'port'],
    ['not', 3, /a field/, 'the end'],
    ['port=80 & port=90', 8, /and, or/, '&'],
    ['port!80', 4, /a word or one of/, '!'],
    ['helper=\u202ex', 7, /a word/, 'U+202E'],
    ['helper=\u0000', 7, /a word/, 'U+0000'],
    ['port=80 and\u00a0port=90', 11, /a word/, 'U+00A0'],
  ])('says where %j is wrong, what was expected and what was found', (text, position, expected, found) => {
    const error = errorOf(text);
    expect(error).toMatchObject({ position, found });
    expect(error.expected).toMatch(expected);
    expect(error.message).toBe(`expected ${error.expected} at position ${String(position)} of the filter, found ${found}`);
  });

  it('shows only the beginning of a long word', () => {
    expect(errorOf(`port=${'9'.repeat(3_000)}`).found).toBe(`${'9'.repeat(60)}...`);
  });
});

describe('limits', () => {
  const { characters, nesting, values } = FILTER_LIMITS;

  it('accepts the maximum number of characters, and not one more', () => {
    expect(parseFilter('port=80'.padEnd(characters))).toEqual(port(80));
    expect(errorOf('port=80'.padEnd(characters + 1))).toMatchObject({ position: characters, found: '4097 characters' });
  });

  it.each([
    ['(', ')'],
    ['not ', ''],
  ])('accepts %j nested to the maximum depth, and no deeper', (opening, closing) => {
    const nested = (depth: number): string => `${opening.repeat(depth)}port=80${closing.repeat(depth)}`;
    expect(parseFilter(nested(nesting))).toEqual(port(80));
    expect(errorOf(nested(nesting + 1))).toMatchObject({ position: nesting * opening.length });
  });

  it('accepts the maximum number of values, and not one more', () => {
    const numbers = Array.from({ length: values + 1 }, (_, index) => String(index));
    expect(parseFilter(`port=${numbers.slice(1).join()}`)).toMatchObject({ test: { field: 'port' } });
    expect(errorOf(`port=${numbers.join()}`)).toMatchObject({ expected: 'at most 256 values', found: '256' });
    const tests = numbers.map((number) => `zone=${number}`);
    expect(errorOf(tests.join(' or ')).expected).toBe('at most 256 values');
  });
});

describe('any text', () => {
  const words = [
    'and',
    'or',
    'not',
    'all',
    '(',
    ')',
    ',',
    '=',
    '!=',
    '<',
    '>=',
    ' ',
    'port',
    'source',
    'status',
    '80',
    '10.0.0.0/8',
    '::',
    '1-',
  ];

  it('is a filter or a syntax error within the text', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(fc.constantFrom(...words)).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, (anything) => {
        try {
          parseFilter(anything);
        } catch (error) {
          expect(error).toBeInstanceOf(FilterSyntaxError);
          const { position, found } = error as FilterSyntaxError;
          expect(position).toBeGreaterThanOrEqual(0);
          expect(position).toBeLessThanOrEqual(anything.length);
          expect(found).toMatch(/^[\x20-\x7e]+$/);
        }
      }),
      { numRuns: 3_000 },
    );
  });
});
