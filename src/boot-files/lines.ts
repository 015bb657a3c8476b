/** Whitespace as in C's isspace(). JavaScript's `\s` would also match the latin1 byte 0xA0. */
export const BLANK = '[ \\t\\v\\f\\r]';

/** Appends a line with the text's own line ending. If the last line has no line ending, neither has the new one. */
export function appendLine(text: string, line: string): string {
  const lineEnding = lineEndingOf(text);
  return text === '' || text.endsWith('\n') ? text + line + lineEnding : text + lineEnding + line;
}

/** Removes the lines that contain the characters from `start` up to, not including, `end`. Reverses `appendLine`. */
export function removeLines(text: string, start: number, end: number): string {
  const from = text.lastIndexOf('\n', start - 1) + 1;
  const lineFeed = text.indexOf('\n', end - 1);
  if (lineFeed !== -1) return splice(text, from, lineFeed + 1, '');
  return text.slice(0, from).replace(/\r?\n$/, '');
}

/** Replaces the characters from `start` up to, not including, `end`. */
export function splice(text: string, start: number, end: number, replacement: string): string {
  return text.slice(0, start) + replacement + text.slice(end);
}

function lineEndingOf(text: string): string {
  return text[text.lastIndexOf('\n') - 1] === '\r' ? '\r\n' : '\n';
}
