/**
 * Control, format (zero-width, direction), separator, lone surrogate and private characters, variation selectors and others without a glyph.
 * They could forge a line of a log or of a terminal, and two texts that differ only in these look the same.
 */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/u;

export const TOKEN_NAME_MAX_LENGTH = 64;

/** One line of free text that is recorded and displayed later: not blank, and every character is visible or a space. */
export function isPlainLine(text: string, maximum: number): boolean {
  return text.trim() !== '' && text.length <= maximum && !INVISIBLE.test(text);
}

/** The text with each such character replaced. */
export function withVisible(text: string): string {
  return text.replace(new RegExp(INVISIBLE, 'gu'), '\u{FFFD}');
}
