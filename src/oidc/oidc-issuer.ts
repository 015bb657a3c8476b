import { decodeJwt, errors, jwtVerify } from 'jose';
import type { Clock } from '../application/ports/clock.ts';
import { TokenIssuer } from '../application/ports/tokens.ts';
import { ConntrackError } from '../domain/conntrack-error.ts';
import type { Token } from '../domain/token.ts';
import { IssuerKeys } from './issuer-keys.ts';
import { toToken, type VerifiedClaims } from './jwt-token.ts';

export interface OidcSettings {
  /** The `iss` of its tokens. */
  readonly issuer: string;
  /** The name of this service, which `aud` must contain. */
  readonly audience: string;
  /** The claim that holds the scopes. */
  readonly scopeClaim: string;
}

/** Asymmetric only: with a shared secret, anyone who can verify a token can also create one. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'];
const CLOCK_TOLERANCE_SECONDS = 30;
const JWT = /^[\w-]+\.[\w-]+\.[\w-]*$/;

/** Accepts JWTs that an OpenID Connect issuer signed for this service. */
export class OidcIssuer extends TokenIssuer {
  private readonly settings: OidcSettings;
  private readonly clock: Clock;
  private readonly keys: IssuerKeys;

  constructor(settings: OidcSettings, clock: Clock) {
    super();
    this.settings = settings;
    this.clock = clock;
    this.keys = new IssuerKeys(settings.issuer, () => clock.bootMilliseconds());
  }

  recognises(secret: string): boolean {
    return JWT.test(secret);
  }

  async authenticate(jwt: string): Promise<Token> {
    const { issuer, audience, scopeClaim } = this.settings;
    try {
      // Checked before the keys are fetched: a token of another issuer causes no request.
      if (decodeJwt(jwt).iss !== issuer) throw notValid('its iss is not the configured issuer');
      const { payload } = await jwtVerify<VerifiedClaims>(jwt, this.keys.keyFor, {
        issuer,
        audience,
        algorithms: ALGORITHMS,
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        currentDate: this.clock.now(),
        requiredClaims: ['exp', 'sub'],
      });
      if (typeof payload.sub !== 'string' || payload.sub === '') throw notValid('its sub is not a string');
      refuseImpossibleDates(payload);
      return toToken(issuer, payload, scopeClaim);
    } catch (error) {
      throw refusal(error);
    }
  }
}

/** Used when no issuer is configured: it recognises no token. */
export class NoIssuer extends TokenIssuer {
  recognises(): boolean {
    return false;
  }

  authenticate(): never {
    throw new Error('No issuer is configured.');
  }
}

/** The greatest time that a JavaScript date can hold, in seconds. */
const LATEST_SECONDS = 8_640_000_000_000;

/** @throws ConntrackError `UNAUTHENTICATED` for a date that exists in JSON only: jose checks no more than that it is a number. */
function refuseImpossibleDates(claims: VerifiedClaims): void {
  for (const name of ['exp', 'nbf', 'iat'] as const) {
    const seconds: unknown = claims[name];
    if (seconds === undefined || (typeof seconds === 'number' && Math.abs(seconds) <= LATEST_SECONDS)) continue;
    throw notValid(`its ${name} is not a date`);
  }
}

function refusal(error: unknown): unknown {
  if (error instanceof errors.JWTExpired) {
    return new ConntrackError('TOKEN_EXPIRED', 'The JWT has expired.', { cause: error, remedy: 'Get a new JWT from the issuer.' });
  }
  return error instanceof errors.JOSEError ? notValid(error.message, error) : error;
}

function notValid(why: string, cause?: unknown): ConntrackError {
  return new ConntrackError('UNAUTHENTICATED', `The JWT is not valid: ${why}.`, {
    cause,
    remedy: 'Get a JWT for this service from the issuer.',
  });
}
