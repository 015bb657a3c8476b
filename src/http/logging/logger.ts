import type { FastifyLoggerOptions } from 'fastify';

/** Characters that JSON does not escape but that can control a terminal or mislead a reader: DEL, C1, separators, direction marks. */
export const DECEPTIVE = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/**
 * Printable whatever a client sends.
 *
 * @param format of a line of JSON; absent: one JSON object per line
 */
export function loggerOptions(
  level: string,
  format = (line: string): string => line.replace(DECEPTIVE, escaped),
): FastifyLoggerOptions & { readonly hooks: { streamWrite(line: string): string } } {
  return { level, hooks: { streamWrite: format } };
}

export function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
