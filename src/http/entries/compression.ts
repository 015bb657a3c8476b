import type { Transform } from 'node:stream';
import { constants, createGzip, createZstdCompress } from 'node:zlib';

/** The fastest levels: the dump should be short, because the table changes meanwhile, and the first level gives most of the gain. */
const GZIP_LEVEL = 1;
const ZSTD_LEVEL = 1;

const ENCODINGS = {
  zstd: (): Transform => createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL } }),
  gzip: (): Transform => createGzip({ level: GZIP_LEVEL }),
} as const;

type Encoding = keyof typeof ENCODINGS;

/** The encoding that the client names (RFC 9110, 12.5.3). None for `*` or a missing header: on loopback, compression costs more than it saves. */
export function compressorFor(accept: string | undefined): { readonly encoding: Encoding; readonly stream: Transform } | undefined {
  const parts = (accept ?? '').split(',').map((part) => part.trim().toLowerCase());
  const wanted = parts.filter((part) => !/;\s*q=0(?:\.0*)?$/.test(part)).map((part) => part.split(';')[0]?.trim());
  const encoding = (['zstd', 'gzip'] as const).find((name) => wanted.includes(name));
  return encoding && { encoding, stream: ENCODINGS[encoding]() };
}
