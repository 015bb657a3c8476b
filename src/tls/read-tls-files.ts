import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { createSecureContext } from 'node:tls';

/** Paths of PEM files, as configured. */
export interface TlsFiles {
  /** The service's certificate, followed by the intermediate certificates. */
  readonly cert: string;
  readonly key: string;
  /** CA certificates that sign client certificates; absent when clients need no certificate. */
  readonly clientCa?: string;
}

export interface TlsMaterial {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly clientCa?: Buffer;
}

/** @throws Error with the flag and the path, when a file is missing or invalid, or when the key does not match the certificate. */
export function readTlsFiles(files: TlsFiles): TlsMaterial {
  const cert = read('--tls-cert', files.cert);
  const key = read('--tls-key', files.key);
  const certificate = parse('--tls-cert', files.cert, 'a PEM certificate', () => new X509Certificate(cert));
  const privateKey = parse('--tls-key', files.key, 'a PEM private key without passphrase', () => createPrivateKey(key));
  requirePair(files, certificate, privateKey);
  parse('--tls-cert', files.cert, 'a certificate that TLS can use', () => createSecureContext({ cert, key }));
  if (files.clientCa === undefined) return { cert, key };
  const clientCa = read('--tls-client-ca', files.clientCa);
  parse('--tls-client-ca', files.clientCa, 'PEM certificates', () => new X509Certificate(clientCa));
  return { cert, key, clientCa };
}

/** Problems that do not prevent TLS from working. */
export function tlsWarnings({ cert, key }: TlsFiles, now: Date): readonly string[] {
  const mode = statSync(key).mode & 0o777;
  const { validToDate } = new X509Certificate(readFileSync(cert));
  return [
    ...((mode & 0o077) === 0
      ? []
      : [`--tls-key ${key} is readable by users other than its owner (mode 0${mode.toString(8)}): run chmod 600`]),
    ...(validToDate > now ? [] : [`--tls-cert ${cert} expired at ${validToDate.toISOString()}`]),
  ];
}

function read(flag: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw new Error(`${flag} ${path} cannot be read: ${code}.`, { cause });
  }
}

function parse<T>(flag: string, path: string, expected: string, run: () => T): T {
  try {
    return run();
  } catch (cause) {
    throw new Error(`${flag} ${path}: expected ${expected} (${cause instanceof Error ? cause.message : String(cause)}).`, { cause });
  }
}

function requirePair({ cert, key }: TlsFiles, certificate: X509Certificate, privateKey: KeyObject): void {
  if (certificate.checkPrivateKey(privateKey)) return;
  throw new Error(`--tls-key ${key} does not match --tls-cert ${cert} (${certificate.subject.replaceAll('\n', ', ')}).`);
}
