/** No security module writes longer contexts. */
const CONTEXT_MAX = 4_095;
const ENCODED = /^(?:[^%]|%[0-9a-f]{2})+$/i;
/** What a word of a filter cannot contain, and the sign that replaces it. */
const RESERVED = /[^!-~]|[%(),=<>!]/g;

/** The text of a security context in which `%` and two hexadecimal digits stand for one octet, as the kernel has it. */
export function parseContext(text: string): string | undefined {
  const context = text.replaceAll(/%([0-9a-f]{2})/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
  return ENCODED.test(text) && context.length <= CONTEXT_MAX && !context.includes('\0') ? context : undefined;
}

export function formatContext(context: string): string {
  return context.replaceAll(RESERVED, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
}
