import { createRemoteJWKSet, customFetch, errors, type FlattenedJWSInput, type JWTHeaderParameters, type RemoteJWKSet } from 'jose';
import { ConntrackError } from '../domain/conntrack-error.ts';
import { isSafeUrl } from './safe-url.ts';

type Key = Awaited<ReturnType<RemoteJWKSet>>;

const TIMEOUT_MILLISECONDS = 5_000;
/** The largest issuers have some dozen keys of a KiB or two. */
const ANSWER_BYTES_MAXIMUM = 1_048_576;
/** However many tokens with unknown keys arrive, and however often the issuer fails, it is asked no more often than this. */
const COOLDOWN_MILLISECONDS = 30_000;
const COOLDOWN_AFTER_FAILURE_MILLISECONDS = 5_000;

/** What is about the token, and not about whether the keys could be had. */
const OF_THE_TOKEN = [errors.JWKSNoMatchingKey, errors.JWKSMultipleMatchingKeys, errors.JOSENotSupported];

/** The issuer's public keys, found through its discovery document and kept; looked for anew after they could not be fetched. */
export class IssuerKeys {
  private readonly issuer: string;
  private readonly milliseconds: () => number;
  private keys: Promise<RemoteJWKSet> | undefined;
  private failed: { readonly error: Error; readonly at: number } | undefined;

  /** @param milliseconds a clock that only goes forward */
  constructor(issuer: string, milliseconds: () => number) {
    this.issuer = issuer;
    this.milliseconds = milliseconds;
  }

  /** For `jwtVerify`. @throws ConntrackError `ISSUER_UNAVAILABLE`; what jose throws where the keys are there and none fits */
  readonly keyFor = async (header: JWTHeaderParameters, token: FlattenedJWSInput): Promise<Key> => {
    let keys: RemoteJWKSet | undefined;
    try {
      keys = await (this.keys ??= this.discover());
      return await keys(header, token);
    } catch (error) {
      if (OF_THE_TOKEN.some((type) => error instanceof type)) throw error;
      // Keys that are fresh are kept: a token with an unknown key must not shut out those with a known one.
      if (keys?.fresh !== true) this.keys = undefined;
      // What was fetched and cannot be used is no reason to fetch it again at once, either.
      this.failed ??= { error: asError(error), at: this.milliseconds() };
      throw this.unavailable(error);
    }
  };

  private async discover(): Promise<RemoteJWKSet> {
    const url = `${this.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const answer = await this.ask(url, { signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS) });
    const { issuer, jwks_uri: keysUrl } = (await answer.json()) as { readonly issuer?: unknown; readonly jwks_uri?: unknown };
    if (issuer !== this.issuer) throw new Error(`${url} names another issuer`);
    if (typeof keysUrl !== 'string' || !isSafeUrl(keysUrl)) throw new Error(`${url} has no jwks_uri with https`);
    return createRemoteJWKSet(new URL(keysUrl), {
      timeoutDuration: TIMEOUT_MILLISECONDS,
      cooldownDuration: COOLDOWN_MILLISECONDS,
      [customFetch]: (address, options) => this.ask(address, options),
    });
  }

  /** Fails at once for a while after a failure. */
  private async ask(url: string, options: RequestInit): Promise<Response> {
    const { failed } = this;
    if (failed && this.milliseconds() - failed.at < COOLDOWN_AFTER_FAILURE_MILLISECONDS) throw failed.error;
    try {
      const answer = await fetch(url, { ...options, redirect: 'error' });
      if (answer.status !== 200) throw new Error(`${url} answered ${answer.status}`);
      const whole = await bounded(answer, url);
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
      remedy: 'See that this host reaches the issuer. Tokens of this service (conntrack-api token create) work without it.',
    });
  }
}

async function bounded(answer: Response, url: string): Promise<Response> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of (answer.body ?? []) as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > ANSWER_BYTES_MAXIMUM) throw new Error(`${url} answers with more than ${ANSWER_BYTES_MAXIMUM} bytes`);
  }
  return new Response(Buffer.concat(chunks), { status: answer.status, headers: { 'content-type': 'application/json' } });
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

/** `fetch failed` says nothing; its cause does. */
function reasonOf({ message, cause }: Error): string {
  return cause instanceof Error && cause.message !== '' ? `${message} (${cause.message})` : message;
}
