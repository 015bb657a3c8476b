import { expect, it } from 'vitest';
import { loggerOptions } from '../../../src/http/logging/logger.ts';

it('a log line has no character that controls a terminal or is invisible, and keeps its content', () => {
  const said = { message: 'a\u009b31m \u202edesrever\u2066 \u2028 \u007f \ufeff\u200b über 連線' };
  const written = loggerOptions('info').hooks.streamWrite(`${JSON.stringify(said)}\n`);
  expect(written).toBe('{"message":"a\\u009b31m \\u202edesrever\\u2066 \\u2028 \\u007f \\ufeff\\u200b über 連線"}\n');
  expect(JSON.parse(written)).toEqual(said);
});
