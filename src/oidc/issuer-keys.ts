import { createRemoteJWKSet, customFetch, errors, type FlattenedJWSInput, type JWTHeaderParameters, type RemoteJWKSet } from 'jose';
import { ConntrackError } from '../domain/conntrack-error.ts';

type Key = Awaited<ReturnType<RemoteJWKSet>>;

const TIMEOUT_MILLISECONDS = 5_000;
/** Large issuers publish about a dozen keys of 1 to 2 KiB. */
const RESPONSE_BYTES_MAXIMUM = 1_048_576;
/** Minimum time between requests to the issuer, regardless of how many tokens with unknown keys arrive. */
const COOLDOWN_MILLISECONDS = 30_000;
const COOLDOWN_AFTER_FAILURE_MILLISECONDS = 5_000;

/** Errors caused by the token rather than by the availability of the keys. */
const TOKEN_ERRORS = [errors.JWKSNoMatchingKey, errors.JWKSMultipleMatchingKeys, errors.JOSENotSupported];

/** The issuer's public keys, found through its discovery document and cached. After a failed fetch, discovery starts again. */
export class IssuerKeys {
  private readonly issuer: string;
  private readonly milliseconds: () => number;
  private keys: Promise<RemoteJWKSet> | undefined;
  private failed: { readonly error: Error; readonly at: number } | undefined;

  /** @param milliseconds a monotonic clock */
  constructor(issuer: string, milliseconds: () => number) {
    this.issuer = issuer;
    this.milliseconds = milliseconds;
  }

  /** For `jwtVerify`. @throws ConntrackError `ISSUER_UNAVAILABLE`; an error of jose when no key matches */
  readonly keyFor = async (header: JWTHeaderParameters, token: FlattenedJWSInput): Promise<Key> => {
    let keys: RemoteJWKSet | undefined;
    try {
      keys = await (this.keys ??= this.discover());
      return await keys(header, token);
    } catch (error) {
      if (TOKEN_ERRORS.some((type) => error instanceof type)) throw error;
      // Fresh keys are kept: a token with an unknown key must not lock out tokens with known keys.
      if (keys?.fresh !== true) this.keys = undefined;
      // Unusable keys are not fetched again at once, either.
      this.failed ??= { error: asError(error), at: this.milliseconds() };
      throw this.unavailable(error);
    }
  };

  private async discover(): Promise<RemoteJWKSet> {
    const url = `${this.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const response = await this.fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS) });
    const { issuer, jwks_uri: keysUrl } = (await response.json()) as { readonly issuer?: unknown; readonly jwks_uri?: unknown };
    if (issuer !== this.issuer) throw new Error(`${url} names a different issuer`);
    if (typeof keysUrl !== 'string' || !isSafeUrl(keysUrl)) throw new Error(`${url} has no jwks_uri with an https URL`);
    return createRemoteJWKSet(new URL(keysUrl), {
      timeoutDuration: TIMEOUT_MILLISECONDS,
      cooldownDuration: COOLDOWN_MILLISECONDS,
      [customFetch]: (address, options) => this.fetch(address, options),
    });
  }

  /** After a failure, throws the same error for COOLDOWN_AFTER_FAILURE_MILLISECONDS without a request. */
  private async fetch(url: string, options: RequestInit): Promise<Response> {
    const { failed } = this;
    if (failed && this.milliseconds() - failed.at < COOLDOWN_AFTER_FAILURE_MILLISECONDS) throw failed.error;
    try {
      const response = await fetch(url, { ...options, redirect: 'error' });
      if (response.status !== 200) throw new Error(`${url} returned status ${response.status}`);
      const whole = await bounded(response, url);
      this.failed = undefined;
      return whole;
    } catch (error) {
      this.failed = { error: asError(error), at: this.milliseconds() };
      throw error;
    }
  }

  private unavailable(cause: unknown): ConntrackError {
    return new ConntrackError('ISSUER_UNAVAILABLE', `The keys of ${this.issuer} could not be fetched: ${reasonOf(asError(cause))}.`, {
      cause,
      remedy: 'Check that this host can reach the issuer. Tokens of this service (conntrack-api token create) work without it.',
    });
  }
}

async function bounded(response: Response, url: string): Promise<Response> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > RESPONSE_BYTES_MAXIMUM) throw new Error(`${url} returned more than ${RESPONSE_BYTES_MAXIMUM} bytes`);
  }
  return new Response(Buffer.concat(chunks), { status: response.status, headers: { 'content-type': 'application/json' } });
}

/** Whether keys from there can be trusted: https, or this host. */
function isSafeUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  if (username !== '' || password !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname));
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

/** Includes the cause: the message of fetch itself is only `fetch failed`. */
function reasonOf({ message, cause }: Error): string {
  return cause instanceof Error && cause.message !== '' ? `${message} (${cause.message})` : message;
}
