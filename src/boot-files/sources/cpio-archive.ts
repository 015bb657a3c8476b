import { Readable } from 'node:stream';
import * as zlib from 'node:zlib';
import { ByteQueue } from './byte-queue.ts';

const HEADER_BYTES = 110;
const TRAILER = 'TRAILER!!!';
const NAME_BYTES_MAX = 4096;

export interface ArchivedFile {
  /** Without a leading slash: `etc/modprobe.d/a.conf`. */
  readonly path: string;
  readonly content: Buffer;
}

/** The archive cannot be read; the message is the reason. */
export class UnreadableArchive extends Error {}

interface Limits {
  readonly bytesMax: number;
  readonly fileBytesMax: number;
  readonly wants: (path: string) => boolean;
}

/**
 * Reads the wanted files of an initramfs: a sequence of cpio archives (newc), of which the last ones are compressed as a whole. Reads it
 * once, in little memory, and decompresses outside the event loop.
 *
 * @throws UnreadableArchive for another format, or a compression that this version of Node does not support; RangeError for more than
 *   `bytesMax` bytes
 */
export async function readInitramfs(chunks: AsyncIterable<Buffer>, limits: Limits): Promise<readonly ArchivedFile[]> {
  return readSegments(new ByteQueue(chunks, limits.bytesMax), limits, true);
}

async function readSegments(queue: ByteQueue, limits: Limits, mayBeCompressed: boolean): Promise<readonly ArchivedFile[]> {
  const found: ArchivedFile[] = [];
  for (;;) {
    const magic = await queue.peek(6);
    if (magic.length < 6) return found;
    if (isCpio(magic)) found.push(...(await readCpio(queue, limits)));
    else if (magic[0] === 0) await queue.skip(await zeros(queue));
    else if (!mayBeCompressed) throw new UnreadableArchive('its content is not a cpio archive');
    else return [...found, ...(await readSegments(new ByteQueue(decompressed(queue, magic), limits.bytesMax), limits, false))];
  }
}

async function readCpio(queue: ByteQueue, { wants, fileBytesMax }: Limits): Promise<readonly ArchivedFile[]> {
  const found: ArchivedFile[] = [];
  for (;;) {
    const header = await queue.take(HEADER_BYTES);
    if (header.length < HEADER_BYTES || !isCpio(header)) throw new UnreadableArchive('the cpio archive is truncated');
    const [mode, size, nameSize] = [field(header, 1), field(header, 6), field(header, 11)];
    if (nameSize > NAME_BYTES_MAX) throw new UnreadableArchive('a name in the cpio archive is too long');
    const name = (await queue.take(nameSize)).toString('latin1').replace(/\0.*$/s, '');
    await queue.skip(padding(HEADER_BYTES + nameSize));
    if (name === TRAILER) return found;
    const path = name.replace(/^(\.?\/)+/, '');
    const isFile = (mode & 0o170000) === 0o100000;
    if (isFile && size <= fileBytesMax && wants(path)) found.push({ path, content: Buffer.from(await queue.take(size)) });
    else await queue.skip(size);
    await queue.skip(padding(size));
  }
}

function decompressed(queue: ByteQueue, magic: Buffer): AsyncIterable<Buffer> {
  const stream = decompressor(magic);
  const source = Readable.from(queue.rest());
  source.on('error', (error) => stream.destroy(error));
  return source.pipe(stream);
}

function decompressor(magic: Buffer): zlib.Gunzip | zlib.ZstdDecompress {
  const start = magic.toString('hex');
  if (start.startsWith('1f8b')) return zlib.createGunzip();
  if (start.startsWith('28b52ffd')) {
    // Since Node 22.15.
    const create = zlib.createZstdDecompress as typeof zlib.createZstdDecompress | undefined;
    if (create === undefined) throw new UnreadableArchive('it is compressed with zstd, which this version of Node cannot read');
    return create();
  }
  const names = { fd377a585a00: 'xz', '02214c18': 'lz4', '425a68': 'bzip2', '894c5a4f': 'lzo', '5d0000': 'lzma' } as const;
  const name = Object.entries(names).find(([bytes]) => start.startsWith(bytes))?.[1];
  throw new UnreadableArchive(
    name === undefined ? 'its format is unknown' : `it is compressed with ${name}, which this service cannot read`,
  );
}

async function zeros(queue: ByteQueue): Promise<number> {
  const bytes = await queue.peek(4096);
  const end = bytes.findIndex((byte) => byte !== 0);
  return end === -1 ? bytes.length : end;
}

function isCpio(bytes: Buffer): boolean {
  const magic = bytes.toString('latin1', 0, 6);
  return magic === '070701' || magic === '070702';
}

/** The n-th field of eight hexadecimal digits after the magic. */
function field(header: Buffer, n: number): number {
  return Number.parseInt(header.toString('latin1', 6 + 8 * n, 14 + 8 * n), 16);
}

function padding(length: number): number {
  return (4 - (length % 4)) % 4;
}
