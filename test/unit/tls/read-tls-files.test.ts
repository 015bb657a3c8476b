import { chmod, cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readTlsFiles, tlsWarnings } from '../../../src/tls/read-tls-files.ts';

const PAIRS = join(import.meta.dirname, '../../fixtures/tls');
const file = (name: string): string => join(PAIRS, name);
const readme = file('README.md');

describe('TLS files', () => {
  it('are read when they match', () => {
    const { cert, key, clientCa } = readTlsFiles({
      cert: file('server.pem'),
      key: file('server-key.pem'),
      clientCa: file('client-ca.pem'),
    });
    expect([cert, key, clientCa].map(String)).toEqual(Array.from({ length: 3 }, () => expect.stringContaining('-----BEGIN') as string));
  });

  it.each([
    ['a missing certificate', { cert: '/nowhere.pem', key: file('server-key.pem') }, '--tls-cert /nowhere.pem cannot be read: ENOENT.'],
    ['a missing key', { cert: file('server.pem'), key: '/nowhere.pem' }, '--tls-key /nowhere.pem cannot be read: ENOENT.'],
    ['a certificate that is not PEM', { cert: readme, key: file('server-key.pem') }, `--tls-cert ${readme}: expected a PEM certificate`],
    ['a key that is not PEM', { cert: file('server.pem'), key: readme }, `--tls-key ${readme}: expected a PEM private key`],
    [
      'a key of another certificate',
      { cert: file('server.pem'), key: file('renewed-key.pem') },
      `--tls-key ${file('renewed-key.pem')} does not match --tls-cert ${file('server.pem')} (CN=server).`,
    ],
    [
      'CA certificates that are not PEM',
      { cert: file('server.pem'), key: file('server-key.pem'), clientCa: readme },
      `--tls-client-ca ${readme}: expected PEM certificates`,
    ],
  ])('are refused with flag and path: %s', (_what, files, message) => {
    expect(() => readTlsFiles(files)).toThrow(message);
  });
});

describe('warnings', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'conntrack-api-key-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  it('name a key that other users can read, and an expired certificate', async () => {
    const key = join(directory, 'key.pem');
    await cp(file('server-key.pem'), key);
    await chmod(key, 0o600);
    expect(tlsWarnings({ cert: file('server.pem'), key }, new Date())).toEqual([]);
    await chmod(key, 0o640);
    expect(tlsWarnings({ cert: file('server.pem'), key }, new Date())).toEqual([
      `--tls-key ${key} is readable by users other than its owner (mode 0640): run chmod 600`,
    ]);
    await chmod(key, 0o600);
    expect(tlsWarnings({ cert: file('server.pem'), key }, new Date('2999-01-01'))).toEqual([expect.stringMatching(/expired at 2\d{3}-/)]);
  });
});
