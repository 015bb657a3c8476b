import { describe, expect, it } from 'vitest';
import { loggerOptions } from '../../../src/http/logging/logger.ts';
import { textLines } from '../../../src/http/logging/text-line.ts';

it('a log line has no character that controls a terminal or is invisible, and keeps its content', () => {
  const said = { message: 'a\u009b31m \u202edesrever\u2066 \u2028 \u007f \ufeff\u200b über 連線' };
  const written = loggerOptions('info').hooks.streamWrite(`${JSON.stringify(said)}\n`);
  expect(written).toBe('{"message":"a\\u009b31m \\u202edesrever\\u2066 \\u2028 \\u007f \\ufeff\\u200b über 連線"}\n');
  expect(JSON.parse(written)).toEqual(said);
});

describe('a log line for a terminal', () => {
  const time = new Date(2026, 11, 1, 14, 3, 9).getTime();
  const toText = (line: object, hasColours = false): string =>
    textLines(hasColours)(`${JSON.stringify({ level: 30, time, pid: 1, ...line })}\n`);

  it('begins with time, level and the request', () => {
    const request = {
      method: 'GET',
      path: '/api/v1/table',
      status: 200,
      milliseconds: 3,
      from: '127.0.0.1',
      actor: 'admin',
      msg: 'request',
    };
    expect(toText(request)).toBe('14:03:09 INFO  GET /api/v1/table 200 3 ms from=127.0.0.1 actor=admin\n');
    expect(toText({ msg: 'journal head 3:ab' })).toBe('14:03:09 INFO  journal head 3:ab\n');
  });

  it('shows the stack of an error below it, and other fields behind it', () => {
    const err = { type: 'Error', message: 'full', stack: 'Error: full\n    at write' };
    expect(toText({ level: 50, msg: 'failed', retry: { seconds: 5 }, err })).toBe(
      '14:03:09 ERROR failed retry={"seconds":5}\n         Error: full\n             at write\n',
    );
  });

  it('cannot control the terminal', () => {
    const hostile = { msg: 'a\u001b[2Jb\nc\u009b31m', path: '/\u001b]0;x\u0007', method: 'GET', 'x\u001b': '\u202e' };
    expect(toText({ ...hostile, err: { stack: 'E\u001b[1m\r\n at \u009b' } })).toMatch(/^[ -~]*\n[ -~]*\n[ -~]*\n$/);
  });

  it('has colours only if they are requested', () => {
    expect(toText({ level: 40, msg: 'm' }, true)).toBe('14:03:09 \u001b[33mWARN \u001b[0m m\n');
    expect(toText({ level: 40, msg: 'm' })).not.toContain('\u001b');
  });

  it('stays as it is if it is not JSON', () => {
    expect(textLines(false)('plain\n')).toBe('plain\n');
  });
});
