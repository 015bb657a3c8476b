import { describe, expect, it } from 'vitest';
import { compressorFor } from '../../../src/http/entries/compression.ts';

describe('the compression of a stream', () => {
  it.each([
    ['gzip', 'gzip'],
    ['zstd', 'zstd'],
    ['gzip, deflate, br, zstd', 'zstd'],
    ['GZIP;q=0.5', 'gzip'],
    ['zstd;q=0, gzip', 'gzip'],
    ['zstd; q=0.000 , gzip;q=1', 'gzip'],
  ])('for "%s" is %s', (accept, encoding) => {
    const compressor = compressorFor(accept);
    expect(compressor?.encoding).toBe(encoding);
    compressor?.stream.destroy();
  });

  it.each([undefined, '', '*', 'identity', 'br, deflate', 'gzip;q=0', 'zstd;q=0.0,gzip; q=0'])('for %j is none', (accept) => {
    expect(compressorFor(accept)).toBeUndefined();
  });
});
