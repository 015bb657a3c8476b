import type { Transform } from 'node:stream';
import { constants, createGzip, createZstdCompress } from 'node:zlib';

/** The fastest levels: the table changes while it is read, and most of the gain is in the first level. */
const GZIP_LEVEL = 1;
const ZSTD_LEVEL = 1;

const ENCODINGS = {
  zstd: (): Transform => createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL } }),
  gzip: (): Transform => createGzip({ level: GZIP_LEVEL }),
} as const;

type Encoding = keyof typeof ENCODINGS;

/** What the client asks for by name (RFC 9110, 12.5.3); nothing for `*` or no header: compressing costs more than a loopback saves. */
export function compressorFor(accept: string | undefined): { readonly encoding: Encoding; readonly stream: Transform } | undefined {
  const asked = (accept ?? '').split(',').map((part) => part.trim().toLowerCase());
  const wanted = asked.filter((part) => !/;\s*q=0(?:\.0*)?$/.test(part)).map((part) => part.split(';')[0]?.trim());
  const encoding = (['zstd', 'gzip'] as const).find((name) => wanted.includes(name));
  return encoding && { encoding, stream: ENCODINGS[encoding]() };
}
