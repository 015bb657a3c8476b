import { describe, expect, it } from 'vitest';
import { checkHostAndOrigin } from '../../../src/http/host-allow-list.ts';

const check = (host: string | undefined, origin?: string) => (): void => {
  checkHostAndOrigin({ host, origin }, ['conntrack.example']);
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
      expect(check(host)).toThrow('does not answer to');
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
});
