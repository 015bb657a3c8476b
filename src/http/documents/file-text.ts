import type { FileContent } from '../../domain/change.ts';

export const TEXT = 'Content that is not UTF-8 is shown as one character per byte.';

/** Decodes recorded content, one character per byte, as UTF-8. Other content is returned unchanged. */
export function toText(content: FileContent): FileContent {
  if (content === null) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(content, 'latin1'));
  } catch {
    return content;
  }
}
