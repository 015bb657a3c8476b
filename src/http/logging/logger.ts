import type { FastifyLoggerOptions } from 'fastify';

/** Characters that JSON does not escape but that can control a terminal or mislead a reader: DEL, C1, separators, direction marks. */
const DECEPTIVE = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** One JSON object per line, printable whatever a client sends. */
export function loggerOptions(level: string): FastifyLoggerOptions & { readonly hooks: { streamWrite(line: string): string } } {
  return { level, hooks: { streamWrite: (line) => line.replace(DECEPTIVE, escaped) } };
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
