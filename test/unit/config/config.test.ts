import { Command } from 'commander';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { dataDirOption, serveOptions, toConfig, type Config } from '../../../src/config/config.ts';

function configOf(...argv: string[]): Config {
  const command = serveOptions(new Command())
    .addOption(dataDirOption())
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  return toConfig(command.parse(argv, { from: 'user' }).opts());
}

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
    });
  });

  it('comes from the environment, and flags win', () => {
    vi.stubEnv('CONNTRACK_API_PORT', '9000');
    vi.stubEnv('CONNTRACK_API_ALLOWED_HOSTS', 'a.example, b.example');
    expect(configOf()).toMatchObject({ port: 9000, allowedHosts: ['a.example', 'b.example'] });
    expect(configOf('--port', '9001').port).toBe(9001);
  });

  it('takes false for false, also from the environment', () => {
    vi.stubEnv('CONNTRACK_API_BEHIND_TLS_PROXY', 'false');
    vi.stubEnv('CONNTRACK_API_FIRST_TOKEN', 'false');
    expect(configOf().firstToken).toBe(false);
    expect(configOf('--first-token').firstToken).toBe(true);
    expect(() => configOf('--host', '0.0.0.0')).toThrow(/not a loopback address/);
    expect(configOf('--host', '0.0.0.0', '--behind-tls-proxy').host).toBe('0.0.0.0');
  });

  it('has a boot helper only where one is named', () => {
    expect(configOf()).not.toHaveProperty('bootHelper');
    vi.stubEnv('CONNTRACK_API_BOOT_HELPER', '/run/helper.sock');
    expect(configOf().bootHelper).toBe('/run/helper.sock');
  });

  it('knows --no-first-token', () => {
    expect(configOf('--no-first-token').firstToken).toBe(false);
  });

  it.each(['8477x', '-1', '65536', '', '0x10'])('refuses the port %j', (port) => {
    expect(() => configOf('--port', port)).toThrow(/port from 0 to 65535/);
  });

  it.each(['3601', '-1', '1.5', '', '10s'])('refuses samples every %j seconds', (seconds) => {
    expect(() => configOf('--sample-seconds', seconds)).toThrow(/seconds from 0 to 3600/);
  });

  it('calls another root simulated', () => {
    expect(configOf('--root', '/tmp/tree').simulated).toBe(true);
  });
});
