import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SCOPES } from '../../../src/domain/token.ts';
import { toConfig, type Config } from '../../../src/config/config.ts';
import { dataDirOption, serveOptions } from '../../../src/config/serve-options.ts';

function configOf(...argv: string[]): Config {
  const command = serveOptions(new Command())
    .addOption(dataDirOption())
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  return toConfig(command.parse(argv, { from: 'user' }).opts());
}

const DEFAULT_SOCKET = process.getuid?.() === 0 ? '/run/conntrack-api/api.sock' : '/tmp/x/api.sock';

beforeEach(() => vi.stubEnv('RUNTIME_DIRECTORY', undefined));
afterEach(() => vi.unstubAllEnvs());

describe('the configuration', () => {
  it('has the documented defaults', () => {
    expect(configOf('--data-dir', '/tmp/x')).toEqual({
      host: '127.0.0.1',
      port: 8477,
      dataDir: '/tmp/x',
      root: '/',
      simulated: false,
      allowedHosts: [],
      logLevel: 'info',
      firstToken: true,
      requireIfMatch: false,
      namespaces: false,
      openMetrics: false,
      applyAtStart: false,
      sampleSeconds: 10,
      allowedOrigins: [],
      rateLimit: 50,
      tcp: true,
      webhooksAllowLocal: false,
      socket: { path: DEFAULT_SOCKET, peers: [{ kind: 'user', name: 'root', scopes: SCOPES }], isOptional: true },
    });
  });

  it('accepts a unix socket, on which root has all scopes unless rules replace that', () => {
    expect(configOf('--socket', '/run/x.sock').socket).toEqual({
      path: '/run/x.sock',
      peers: [{ kind: 'user', name: 'root', scopes: SCOPES }],
    });
    expect(configOf('--socket', '/run/x.sock', '--tcp=false', '--socket-peers', 'ada=table:read+entries:read, :1000=all')).toMatchObject({
      tcp: false,
      socket: {
        peers: [
          { kind: 'user', name: 'ada', scopes: ['table:read', 'entries:read'] },
          { kind: 'group', name: '1000', scopes: SCOPES },
        ],
      },
    });
    for (const rules of ['ada', 'ada=', 'ada=everything', '::a=all', 'a b=all'])
      expect(() => configOf('--socket', '/run/x.sock', '--socket-peers', rules)).toThrow(/Expected USER|Unknown scope/);
    expect(() => configOf('--tcp=false', '--socket', '/run/x', '--tls-cert', '/a', '--tls-key', '/b')).toThrow(/no use for --tls-cert/);
  });

  it('has its default socket in the runtime directory of its unit, and in the data directory unless it manages this host', () => {
    const data = ['--data-dir', '/tmp/x'];
    vi.stubEnv('RUNTIME_DIRECTORY', '/run/conntrack-api-b:/run/other');
    expect(configOf(...data).socket?.path).toBe('/run/conntrack-api-b/api.sock');
    expect(configOf(...data, '--root', '/tmp/tree').socket?.path).toBe('/tmp/x/api.sock');
    expect(configOf(...data, '--root', '/mnt/old', '--root-is-host').socket?.path).toBe('/tmp/x/api.sock');
    vi.stubEnv('RUNTIME_DIRECTORY', undefined);
    vi.spyOn(process, 'getuid').mockReturnValue(1_000);
    expect(configOf(...data).socket?.path).toBe('/tmp/x/api.sock');
    vi.restoreAllMocks();
  });

  it('requires a socket that was named or is the only listener, and has none on request', () => {
    expect(configOf().socket?.isOptional).toBe(true);
    expect(configOf('--socket', '/run/x.sock').socket).not.toHaveProperty('isOptional');
    expect(configOf('--tcp=false').socket).not.toHaveProperty('isOptional');
    for (const flag of ['--socket=none', '--no-socket']) {
      expect(configOf(flag)).not.toHaveProperty('socket');
      expect(() => configOf('--tcp=false', flag)).toThrow(/nothing to listen on/);
    }
    vi.stubEnv('CONNTRACK_API_SOCKET', 'none');
    expect(configOf()).not.toHaveProperty('socket');
    expect(configOf('--socket', '/run/x.sock').socket?.path).toBe('/run/x.sock');
    expect(() => configOf('--socket', '')).toThrow('Expected a path, or none.');
  });

  it('exempts only a port of this host from tracking', () => {
    expect(configOf('--untracked').untracked).toBe(true);
    expect(configOf()).not.toHaveProperty('untracked');
    expect(() => configOf('--untracked', '--tcp=false')).toThrow('--untracked needs a port');
    expect(() => configOf('--untracked', '--root', '/tmp/tree')).toThrow('--untracked excludes --root');
  });

  it('accepts a JWT issuer with an audience, over https or on loopback', () => {
    const audience = ['--oidc-audience', 'conntrack'];
    expect(configOf('--oidc-issuer', 'https://login.example', ...audience).oidc).toEqual({
      issuer: 'https://login.example',
      audience: 'conntrack',
      scopeClaim: 'scope',
    });
    expect(configOf('--oidc-issuer', 'http://127.0.0.1:8080/realms/a', ...audience, '--oidc-scope-claim', 'roles').oidc?.scopeClaim).toBe(
      'roles',
    );
    for (const url of [
      'http://login.example',
      'ftp://login.example',
      'login.example',
      'https://a@login.example',
      'https://login.example/?a',
    ]) {
      expect(() => configOf('--oidc-issuer', url, ...audience), url).toThrow('expected an https URL');
    }
    expect(() => configOf('--oidc-issuer', 'https://login.example')).toThrow('--oidc-issuer needs --oidc-audience');
    expect(() => configOf(...audience)).toThrow('--oidc-issuer needs --oidc-audience');
  });

  it('accepts the mounted root of another host, which is not simulated, without what cannot work there', () => {
    expect(configOf('--root', '/mnt/old', '--root-is-host')).toMatchObject({ root: '/mnt/old', rootIsHost: true, simulated: false });
    expect(configOf('--root', '/mnt/old')).toMatchObject({ root: '/mnt/old', simulated: true });
    expect(() => configOf('--root-is-host')).toThrow('--root-is-host needs --root');
    expect(() => configOf('--root', '/mnt/old', '--root-is-host', '--namespaces')).toThrow('excludes --namespaces');
    expect(() => configOf('--root', '/mnt/old', '--root-is-host', '--boot-helper', '/run/h.sock')).toThrow('excludes --boot-helper');
  });

  it('reads the environment, over which flags take precedence', () => {
    vi.stubEnv('CONNTRACK_API_PORT', '9000');
    vi.stubEnv('CONNTRACK_API_ALLOWED_HOSTS', 'a.example, b.example');
    expect(configOf()).toMatchObject({ port: 9000, allowedHosts: ['a.example', 'b.example'] });
    expect(configOf('--port', '9001').port).toBe(9001);
  });

  it('reads false from a flag and from the environment', () => {
    vi.stubEnv('CONNTRACK_API_BEHIND_TLS_PROXY', 'false');
    vi.stubEnv('CONNTRACK_API_FIRST_TOKEN', 'false');
    expect(configOf().firstToken).toBe(false);
    expect(configOf('--first-token').firstToken).toBe(true);
    expect(() => configOf('--host', '0.0.0.0')).toThrow(/not a loopback address/);
    expect(configOf('--host', '0.0.0.0', '--behind-tls-proxy').host).toBe('0.0.0.0');
  });

  it('accepts a non-loopback address with a certificate, and adds the address to the allowed hosts', () => {
    const tls = ['--tls-cert', '/c.pem', '--tls-key', '/k.pem'];
    expect(configOf('--host', '192.0.2.7', ...tls)).toMatchObject({ tls: { cert: '/c.pem', key: '/k.pem' }, allowedHosts: ['192.0.2.7'] });
    expect(configOf('--host', '2001:db8::7', ...tls).allowedHosts).toEqual(['[2001:db8::7]']);
    expect(configOf('--host', '0.0.0.0', ...tls).allowedHosts).toEqual([]);
    vi.stubEnv('CONNTRACK_API_TLS_CLIENT_CA', '/ca.pem');
    expect(configOf(...tls).tls).toEqual({ cert: '/c.pem', key: '/k.pem', clientCa: '/ca.pem' });
    expect(() => configOf()).toThrow('--tls-client-ca is an addition');
    expect(() => configOf('--tls-cert', '/c.pem')).toThrow('TLS needs both');
  });

  it('accepts origins as browsers send them', () => {
    expect(configOf('--allowed-origins', 'https://a.example, http://b.example:8080').allowedOrigins).toEqual([
      'https://a.example',
      'http://b.example:8080',
    ]);
  });

  it.each(['*', 'null', 'a.example', 'https://a.example/', 'https://a.example/x', 'ftp://a.example', 'https://u@a.example'])(
    'refuses the origin %s',
    (origin) => {
      expect(() => configOf('--allowed-origins', origin)).toThrow(/Expected origins such as/);
    },
  );

  it.each(['-1', '1.5', '', '100001'])('refuses the rate limit %j', (rate) => {
    expect(() => configOf('--rate-limit', rate)).toThrow(/number from 0 to 100000/);
  });

  it('has a boot helper only when one is configured', () => {
    expect(configOf()).not.toHaveProperty('bootHelper');
    vi.stubEnv('CONNTRACK_API_BOOT_HELPER', '/run/helper.sock');
    expect(configOf().bootHelper).toBe('/run/helper.sock');
  });

  it('accepts --no-first-token', () => {
    expect(configOf('--no-first-token').firstToken).toBe(false);
  });

  it.each(['8477x', '-1', '65536', '', '0x10'])('refuses the port %j', (port) => {
    expect(() => configOf('--port', port)).toThrow(/port from 0 to 65535/);
  });

  it.each(['3601', '-1', '1.5', '', '10s'])('refuses a sample interval of %j seconds', (seconds) => {
    expect(() => configOf('--sample-seconds', seconds)).toThrow(/seconds from 0 to 3600/);
  });

  it('is simulated with a root other than /', () => {
    expect(configOf('--root', '/tmp/tree').simulated).toBe(true);
  });
});
