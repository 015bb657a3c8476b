import type { FileContent } from '../../domain/change.ts';

export const TEXT = 'Bytes that are not UTF-8 are shown one character a byte.';

/** File contents are recorded one character a byte; most are UTF-8 text. */
export function toText(content: FileContent): FileContent {
  if (content === null) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(content, 'latin1'));
  } catch {
    return content;
  }
}
