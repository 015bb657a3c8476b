/** Blanks as C's isspace() has them. JavaScript's `\s` would take the latin1 byte 0xA0 for one too. */
export const BLANK = '[ \\t\\v\\f\\r]';

/** Adds a line at the end of a text in the text's own line end; a last line that is unfinished leaves the new one unfinished too. */
export function appendLine(text: string, line: string): string {
  const lineEnd = lineEndOf(text);
  return text === '' || text.endsWith('\n') ? text + line + lineEnd : text + lineEnd + line;
}

/** Takes out the line or lines that hold the characters from `start` up to, not including, `end`, and nothing else: undoes `appendLine`. */
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

function lineEndOf(text: string): string {
  return text[text.lastIndexOf('\n') - 1] === '\r' ? '\r\n' : '\n';
}
