import { describe, expect, it } from 'vitest';
import { checkHostAndOrigin } from '../../../src/http/edge/host-allow-list.ts';

const ALLOWED = { allowedHosts: ['conntrack.example'], allowedOrigins: ['https://dashboard.example'] };

const check = (host: string | undefined, origin?: string) => (): void => {
  checkHostAndOrigin('GET', { host, origin }, ALLOWED);
};

describe('the Host header', () => {
  it.each(['localhost', 'localhost:8477', '127.0.0.1:8477', '[::1]', '[::1]:8477', 'LOCALHOST', 'conntrack.example:443'])(
    'may be %s',
    (host) => {
      expect(check(host)).not.toThrow();
    },
  );

  it.each(['attacker.example', '127.0.0.1.attacker.example', 'localhost.', '127.0.0.2', '[::2]', 'localhost:8477:1', '', undefined])(
    'may not be %s',
    (host) => {
      expect(check(host)).toThrow('not among the allowed host names');
    },
  );
});

describe('the Origin header', () => {
  it.each(['http://localhost:8477', 'https://localhost:8477', 'HTTP://LOCALHOST:8477'])('may be the page served here: %s', (origin) => {
    expect(check('localhost:8477', origin)).not.toThrow();
  });

  it.each([
    'null',
    'http://localhost',
    'http://localhost:3000',
    'http://attacker.example',
    'http://a@localhost:8477',
    'file://localhost:8477',
    '',
  ])('may not be %s', (origin) => {
    expect(check('localhost:8477', origin)).toThrow('may not use this service');
  });

  it.each([
    ['conntrack.example', 'https://conntrack.example'],
    ['conntrack.example:443', 'https://conntrack.example'],
    ['conntrack.example', 'http://conntrack.example:80'],
  ])('and %s may omit the standard port: %s', (host, origin) => {
    expect(check(host, origin)).not.toThrow();
  });

  it('must be https if the service itself speaks TLS', () => {
    const certificate = { material: { cert: Buffer.of(), key: Buffer.of() }, onRenewed: () => undefined };
    const over = (origin: string) => () => {
      checkHostAndOrigin('GET', { host: 'localhost:8477', origin }, { ...ALLOWED, certificate });
    };
    expect(over('https://localhost:8477')).not.toThrow();
    expect(over('http://localhost:8477')).toThrow('may not use this service');
  });

  it('may be on the list', () => {
    expect(check('localhost:8477', 'https://dashboard.example')).not.toThrow();
    expect(check('localhost:8477', 'http://dashboard.example')).toThrow('may not use this service');
    expect(check('localhost:8477', 'https://dashboard.example:8443')).toThrow('may not use this service');
  });
});

describe('a browser that sends cross-site and no origin', () => {
  const crossSite = (method: string, origin?: string) => () => {
    checkHostAndOrigin(method, { host: 'localhost', origin, 'sec-fetch-site': 'cross-site' }, ALLOWED);
  };

  it.each(['POST', 'PATCH', 'DELETE'])('may not %s', (method) => {
    expect(crossSite(method)).toThrow('A page of another site may not use this service');
  });

  it('may follow a link, and be a page on the list', () => {
    expect(crossSite('GET')).not.toThrow();
    expect(crossSite('PATCH', 'https://dashboard.example')).not.toThrow();
  });
});
