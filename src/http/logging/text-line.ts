import { DECEPTIVE, escaped } from './logger.ts';

/** By level of pino: its name and its ANSI colour. */
const LEVELS: Readonly<Record<number, readonly [string, number]>> = {
  10: ['TRACE', 90],
  20: ['DEBUG', 90],
  30: ['INFO', 32],
  40: ['WARN', 33],
  50: ['ERROR', 31],
  60: ['FATAL', 31],
};
/** Shown by position, or of no use to a reader at a terminal. */
const NOT_LISTED = new Set(['level', 'time', 'pid', 'hostname', 'msg', 'err', 'method', 'path', 'status', 'milliseconds']);
const CONTROL = /\p{Cc}/gu;

type Line = Readonly<Record<string, unknown>>;

/**
 * Formats the JSON lines of the log for a terminal: `14:03:09 INFO  GET /api/v1/table 200 3 ms from=127.0.0.1 actor=admin`. A line that is not
 * JSON stays as it is. Whatever a client sends cannot control the terminal.
 */
export function textLines(hasColours: boolean): (line: string) => string {
  const paint = (text: string, colour: number): string => (hasColours && text !== '' ? `\u001b[${String(colour)}m${text}\u001b[0m` : text);
  return (json) => {
    const line = parsed(json);
    if (!line) return json;
    const [name, colour] = LEVELS[Number(line['level'])] ?? ['LOG', 0];
    const time = new Date(Number(line['time'])).toTimeString().slice(0, 8);
    const { requestId, ...rest } = line;
    const fields = { ...rest, ...(requestId !== undefined && { requestId }) };
    const more = Object.entries(fields).flatMap(([key, value]) => (NOT_LISTED.has(key) ? [] : [`${printable(key)}=${printable(value)}`]));
    const words = [time, paint(name.padEnd(5), colour), summaryOf(line), paint(more.join(' '), 90)];
    return `${words.join(' ').trimEnd()}\n${stackOf(line)}`;
  };
}

function parsed(json: string): Line | undefined {
  try {
    return JSON.parse(json) as Line;
  } catch {
    return undefined;
  }
}

function summaryOf({ msg, method, path, status, milliseconds }: Line): string {
  const request = method === undefined ? [] : [method, path, status, ...(milliseconds === undefined ? [] : [milliseconds, 'ms'])];
  return [...(msg === 'request' && request.length > 0 ? [] : [msg]), ...request]
    .filter((part) => part !== undefined)
    .map(printable)
    .join(' ');
}

function stackOf({ err }: Line): string {
  const { stack, message } = (err ?? {}) as { readonly stack?: unknown; readonly message?: unknown };
  const text = stack ?? message;
  if (typeof text !== 'string') return '';
  return text
    .split('\n')
    .map((each) => `         ${printable(each.trimEnd())}\n`)
    .join('');
}

/** @param value from JSON: never undefined */
function printable(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.replace(DECEPTIVE, escaped).replace(CONTROL, escaped);
}
