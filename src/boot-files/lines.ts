/** Blanks as C's isspace() has them. JavaScript's `\s` would take the latin1 byte 0xA0 for one too. */
export const BLANK = '[ \\t\\v\\f\\r]';

/** Adds a line at the end of a text in the text's own line end, completing an unfinished last line first. */
export function appendLine(text: string, line: string): string {
  const lineEnd = lineEndOf(text);
  const finished = text === '' || text.endsWith('\n') ? text : text + lineEnd;
  return finished + line + lineEnd;
}

/** Replaces the characters from `start` up to, not including, `end`. */
export function splice(text: string, start: number, end: number, replacement: string): string {
  return text.slice(0, start) + replacement + text.slice(end);
}

function lineEndOf(text: string): string {
  return text[text.lastIndexOf('\n') - 1] === '\r' ? '\r\n' : '\n';
}
