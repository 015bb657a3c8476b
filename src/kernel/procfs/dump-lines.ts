/** Reads at most `length` bytes into the buffer at `offset` and returns their number; 0 at the end, negative if reading failed. */
export type ReadBlock = (buffer: Buffer, offset: number, length: number) => number;

export const BLOCK_BYTES = 262_144;
/** Far above the length of any line of a kernel. */
export const LINE_MAX_BYTES = 65_536;
const NEWLINE = 0x0a;

/**
 * The lines, one character for each octet because texts of the kernel have no encoding, of a text that is read in blocks, in bounded memory. `undefined` stands for a line that is too long, which is skipped. An
 * unterminated last line is returned if the text ends with it, not if reading failed.
 */
export function* readLines(read: ReadBlock): Generator<string | undefined, void, undefined> {
  const buffer = Buffer.allocUnsafe(LINE_MAX_BYTES + BLOCK_BYTES);
  let kept = 0;
  let dropping = false;
  let got: number;
  while ((got = read(buffer, kept, BLOCK_BYTES)) > 0) {
    const filled = kept + got;
    const end = buffer.lastIndexOf(NEWLINE, filled - 1) + 1;
    const lines = end === 0 ? [] : buffer.toString('latin1', 0, end - 1).split('\n');
    if (dropping && end > 0) dropping = lines.shift() === undefined;
    for (const line of lines) if (line !== '') yield line.length > LINE_MAX_BYTES ? undefined : line;
    kept = dropping ? 0 : filled - end;
    if (kept > LINE_MAX_BYTES) {
      yield undefined;
      dropping = true;
      kept = 0;
    }
    buffer.copyWithin(0, end, end + kept);
  }
  if (got === 0 && kept > 0) yield buffer.toString('latin1', 0, kept);
}
