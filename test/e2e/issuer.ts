import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export const AUDIENCE = 'conntrack-api';

interface Signer {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly publicJwk: JWK;
}

/** An OpenID Connect issuer on loopback, with a discovery document and keys. It can rotate its keys and be unavailable. */
export class LocalIssuer {
  readonly requests: string[] = [];
  isDown = false;
  /** If set, the issuer redirects requests for its keys here. */
  movedTo: string | undefined;
  /** Additional keys. */
  padding = '';
  private published: Signer[] = [];
  private readonly server: Server;

  private constructor() {
    this.server = createServer((request, response) => {
      const path = request.url ?? '';
      this.requests.push(path);
      const documents: Readonly<Record<string, object>> = {
        '/.well-known/openid-configuration': { issuer: this.url, jwks_uri: `${this.url}/keys` },
        '/keys': { keys: this.published.map(({ publicJwk }) => publicJwk), padding: this.padding },
        '/moved': { keys: this.published.map(({ publicJwk }) => publicJwk) },
      };
      const document = documents[path];
      if (path === '/keys' && this.movedTo !== undefined) {
        response.writeHead(302, { location: this.movedTo }).end();
        return;
      }
      response.statusCode = this.isDown ? 502 : document ? 200 : 404;
      response.setHeader('content-type', 'application/json').end(JSON.stringify(document ?? {}));
    });
  }

  static async start(): Promise<LocalIssuer> {
    const issuer = new LocalIssuer();
    await new Promise<void>((resolve) => issuer.server.listen(0, '127.0.0.1', resolve));
    await issuer.rotate('first');
    return issuer;
  }

  get url(): string {
    return `http://127.0.0.1:${String((this.server.address() as AddressInfo).port)}`;
  }

  get current(): Signer {
    const [signer] = this.published;
    if (!signer) throw new Error('No key is published.');
    return signer;
  }

  /** Replaces the key by a new one. */
  async rotate(kid: string): Promise<void> {
    this.published = [await newSigner(kid)];
  }

  /** A JWT that is valid except for the given parts. */
  sign(claims: Readonly<Record<string, unknown>> = {}, { kid, privateKey } = this.current): Promise<string> {
    const now = Math.floor(Date.now() / 1_000);
    const right = {
      iss: this.url,
      aud: AUDIENCE,
      sub: 'ada@example.org',
      iat: now,
      exp: now + 600,
      scope: 'openid table:read entries:read',
    };
    return new SignJWT({ ...right, ...claims }).setProtectedHeader({ alg: 'ES256', kid }).sign(privateKey);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

export async function newSigner(kid: string): Promise<Signer> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  return { kid, privateKey, publicJwk: { ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' } };
}
