import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';

/** A file of which all or a part is generated. */
export interface GeneratedDocument {
  /** From the root of the repository. */
  readonly file: string;
  /** The source file to edit instead, for the message about drift. */
  readonly source: string;
  /** @param current the text of the file, of which only the generated parts are replaced; a file that is generated as a whole ignores it. */
  render(current: string): string;
}

/** The text the file should have, in the form that Prettier gives it if it knows the format. */
export async function updated(document: GeneratedDocument, current: string): Promise<string> {
  const filepath = join(import.meta.dirname, '../..', document.file);
  if (!filepath.endsWith('.md')) return document.render(current);
  return format(document.render(current), { ...(await resolveConfig(filepath)), filepath });
}

/**
 * Replaces the text between `<!-- generated: NAME -->` and the next `<!-- end -->`.
 *
 * @throws Error when the text does not have exactly one such pair.
 */
export function withPart(text: string, name: string, content: string): string {
  const begin = `<!-- generated: ${name} -->`;
  const end = '<!-- end -->';
  const [before = '', after, ...more] = text.split(begin);
  const endAt = after?.indexOf(end) ?? -1;
  if (after === undefined || endAt < 0 || more.length > 0) {
    throw new Error(`Expected one "${begin}" followed by "${end}", found ${more.length + (after === undefined ? 0 : 1)}.`);
  }
  return `${before}${begin}\n\n${content}\n\n${after.slice(endAt)}`;
}

/** A Markdown table. A `|` within a cell is escaped. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(headings), line(headings.map(() => '---')), ...rows.map(line)].join('\n');
}
