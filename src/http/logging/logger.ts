import type { FastifyLoggerOptions } from 'fastify';

/** What JSON lets through and a terminal, or a reader's eye, takes for a command: DEL, C1, separators, directions. */
const DECEPTIVE = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** One JSON object a line, printable whatever a client sends. */
export function loggerOptions(level: string): FastifyLoggerOptions & { readonly hooks: { streamWrite(line: string): string } } {
  return { level, hooks: { streamWrite: (line) => line.replace(DECEPTIVE, escaped) } };
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
