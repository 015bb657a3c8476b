import { Option, type Command } from 'commander';
import { isIPv6 } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { toBoolean, toList, toOrigins, toPath, toPort, toRateLimit, toSampleSeconds } from './arguments.ts';
import { oidcOptions, toOidc, type OidcConfig, type OidcFlags } from './oidc.ts';
import { socketOptions, toSocket, type SocketConfig, type SocketFlags } from './socket-options.ts';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** Everything the service can be told, checked once at start. Flags win over `CONNTRACK_API_…` variables. */
export interface Config {
  readonly host: string;
  readonly port: number;
  readonly dataDir: string;
  /** `/`, or another tree that every kernel and boot path hangs from. */
  readonly root: string;
  readonly simulated: boolean;
  /** Names that the Host header may carry besides the loopback ones. */
  readonly allowedHosts: readonly string[];
  /** Of web pages from elsewhere that may use the service from a browser. */
  readonly allowedOrigins: readonly string[];
  /** PEM files; absent: plain HTTP. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly clientCa?: string };
  /** Requests a second for each token and each address, four times as many at once; 0 for no limit. */
  readonly rateLimit: number;
  readonly logLevel: (typeof LOG_LEVELS)[number];
  readonly firstToken: boolean;
  /** Refuse changes that do not say which state they expect. */
  readonly requireIfMatch: boolean;
  /** Let callers look into the other network namespaces of this host. */
  readonly namespaces: boolean;
  /** Serve /metrics without a token. */
  readonly openMetrics: boolean;
  /** Socket of the helper that writes the boot files; absent where this process writes them itself. */
  readonly bootHelper?: string;
  /** Set again, after a reboot, what changes of this service had set: for hosts whose files cannot hold it. */
  readonly applyAtStart: boolean;
  /** How far apart samples of the table are taken; 0 for none. */
  readonly sampleSeconds: number;
  readonly oidc?: OidcConfig;
  /** Whether host and port are listened on. */
  readonly tcp: boolean;
  readonly socket?: SocketConfig;
}

const env = (flag: string, name: string, description: string): Option => new Option(flag, description).env(`CONNTRACK_API_${name}`);

/** `--flag`, `--flag=false`, `CONNTRACK_API_FLAG=false`; a plain boolean option of commander would be true for any value of its variable. */
const flag = (name: string, variable: string, description: string, standard: boolean): Option =>
  env(`--${name} [boolean]`, variable, description).preset('true').default(standard).argParser(toBoolean);

/** `/var/lib/conntrack-api` as root, else the user's state directory. */
function defaultDataDir(): string {
  if (process.getuid?.() === 0) return '/var/lib/conntrack-api';
  return join(process.env['XDG_STATE_HOME'] ?? join(homedir(), '.local', 'state'), 'conntrack-api');
}

export function dataDirOption(): Option {
  return env('--data-dir <path>', 'DATA_DIR', 'where the journal and the tokens are kept').default(defaultDataDir()).argParser(toPath);
}

export function serveOptions(command: Command): Command {
  return oidcOptions(socketOptions(command))
    .addOption(env('--host <address>', 'HOST', 'address to listen on').default('127.0.0.1'))
    .addOption(env('--port <number>', 'PORT', 'port to listen on, 0 for any free one').default(8477).argParser(toPort))
    .addOption(env('--root <path>', 'ROOT', 'tree that every kernel and boot path hangs from').default('/').argParser(toPath))
    .addOption(
      env('--allowed-hosts <names>', 'ALLOWED_HOSTS', 'comma-separated names the Host header may carry besides the loopback ones')
        .default('')
        .argParser(String),
    )
    .addOption(
      env('--allowed-origins <origins>', 'ALLOWED_ORIGINS', 'comma-separated origins of web pages that may use the service from a browser')
        .default([])
        .argParser(toOrigins),
    )
    .addOption(env('--tls-cert <file>', 'TLS_CERT', 'serve HTTPS with this certificate (PEM, with its chain)').argParser(toPath))
    .addOption(env('--tls-key <file>', 'TLS_KEY', 'private key of the certificate (PEM)').argParser(toPath))
    .addOption(
      env('--tls-client-ca <file>', 'TLS_CLIENT_CA', 'refuse clients without a certificate of these authorities (PEM)').argParser(toPath),
    )
    .addOption(
      env('--rate-limit <number>', 'RATE_LIMIT', 'requests a second for each token and each address, 1 to 100000; 0 for no limit')
        .default(50)
        .argParser(toRateLimit),
    )
    .addOption(env('--log-level <level>', 'LOG_LEVEL', 'how much to log').choices(LOG_LEVELS).default('info'))
    .addOption(flag('behind-tls-proxy', 'BEHIND_TLS_PROXY', 'allow a non-loopback address: a proxy in front terminates TLS', false))
    .addOption(flag('require-if-match', 'REQUIRE_IF_MATCH', 'refuse changes without an If-Match header (428)', false))
    .addOption(flag('namespaces', 'NAMESPACES', 'let callers look into the named network namespaces (needs CAP_SYS_ADMIN)', false))
    .addOption(flag('open-metrics', 'OPEN_METRICS', 'serve /metrics without a token, to whoever can reach the port', false))
    .addOption(flag('apply-at-start', 'APPLY_AT_START', 'after a reboot, set again what changes of this service had set', false))
    .addOption(
      env(
        '--boot-helper <path>',
        'BOOT_HELPER',
        'socket of the helper that writes the boot files for a service that is not root',
      ).argParser(toPath),
    )
    .addOption(
      env(
        '--sample-seconds <seconds>',
        'SAMPLE_SECONDS',
        'how far apart samples for rates, findings and history are taken, 1 to 3600; 0 for none',
      )
        .default(10)
        .argParser(toSampleSeconds),
    )
    .addOption(flag('first-token', 'FIRST_TOKEN', 'create and print an admin token when none exists yet', true))
    .addOption(new Option('--no-first-token', 'the same as --first-token=false'));
}

interface ServeFlags extends OidcFlags, SocketFlags {
  readonly host: string;
  readonly port: number;
  readonly dataDir: string;
  readonly root: string;
  readonly allowedHosts: string;
  readonly logLevel: Config['logLevel'];
  readonly behindTlsProxy: boolean;
  readonly firstToken: boolean;
  readonly requireIfMatch: boolean;
  readonly namespaces: boolean;
  readonly openMetrics: boolean;
  readonly applyAtStart: boolean;
  readonly bootHelper?: string;
  readonly sampleSeconds: number;
  readonly allowedOrigins: readonly string[];
  readonly rateLimit: number;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly tlsClientCa?: string;
}

/** @throws Error when told to listen where the network could read the tokens. */
export function toConfig(flags: ServeFlags): Config {
  const {
    behindTlsProxy,
    allowedHosts,
    tlsCert,
    tlsKey,
    tlsClientCa,
    oidcIssuer,
    oidcAudience,
    oidcScopeClaim,
    socket: path,
    socketPeers: peers,
    ...rest
  } = flags;
  const tls = toTls(tlsCert, tlsKey, tlsClientCa);
  if (!isLoopback(flags.host) && !behindTlsProxy && !tls) {
    throw new Error(
      `--host ${flags.host} is not a loopback address and this service speaks plain HTTP: tokens would cross the network in clear. ` +
        'Give it a certificate with --tls-cert and --tls-key, put a TLS proxy in front and say --behind-tls-proxy, or listen on 127.0.0.1.',
    );
  }
  const socket = toSocket(path, peers, { tcp: flags.tcp, tls: tls !== undefined });
  const oidc = toOidc(oidcIssuer, oidcAudience, oidcScopeClaim);
  return {
    ...rest,
    ...(tls && { tls }),
    ...(oidc && { oidc }),
    ...(socket && { socket }),
    simulated: flags.root !== '/',
    allowedHosts: [...toList(allowedHosts), ...ownName(flags.host)],
  };
}

function toTls(cert: string | undefined, key: string | undefined, clientCa: string | undefined): Config['tls'] {
  if (cert !== undefined && key !== undefined) return { cert, key, ...(clientCa !== undefined && { clientCa }) };
  if (cert === undefined && key === undefined && clientCa === undefined) return undefined;
  throw new Error('TLS needs both --tls-cert and --tls-key; --tls-client-ca comes on top of them.');
}

/** A single address that is listened on is a name of the service; a wildcard is none. */
function ownName(host: string): readonly string[] {
  if (isLoopback(host) || host === '0.0.0.0' || host === '::') return [];
  return [isIPv6(host) ? `[${host}]` : host];
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}
