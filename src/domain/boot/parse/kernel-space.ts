/** What the kernel's isspace() takes for a blank: it knows latin1, and so the no-break space. */
export const KERNEL_BLANK = '\\t\\n\\v\\f\\r \\xa0';

/** What systemd strips from both ends of a line, a key and a value. */
export function stripSystemd(text: string): string {
  return text.replace(/^[ \t\n\r]+/, '').replace(/[ \t\n\r]+$/, '');
}
