import { readFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { toOidc, type OidcConfig, type OidcFlags } from './oidc.ts';
import type { LOG_FORMATS, LOG_LEVELS } from './serve-options.ts';
import { toSocket, type SocketConfig, type SocketFlags } from './socket-options.ts';

/** The configuration of the service, validated at start. Flags take precedence over `CONNTRACK_API_…` variables. */
export interface Config {
  readonly host: string;
  readonly port: number;
  readonly dataDir: string;
  /** Root directory of all kernel and boot file paths: `/`, a simulated tree, or the mounted root of another host. */
  readonly root: string;
  /** `root` is the mounted root of another host. */
  readonly rootIsHost?: true;
  readonly simulated: boolean;
  /** Names accepted in the Host header besides the loopback names. */
  readonly allowedHosts: readonly string[];
  /** Origins of web pages that may call the API from a browser. */
  readonly allowedOrigins: readonly string[];
  /** PEM files; absent for plain HTTP. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly clientCa?: string };
  /** Requests per second for each token and each address, with bursts of four times as many; 0 for no limit. */
  readonly rateLimit: number;
  readonly logLevel: (typeof LOG_LEVELS)[number];
  /** Absent: JSON. */
  readonly logFormat?: 'text';
  readonly firstToken: boolean;
  /** Refuse changes without `If-Match`. */
  readonly requireIfMatch: boolean;
  /** Allow requests about other network namespaces of this host. */
  readonly namespaces: boolean;
  /** Serve /metrics without a token. */
  readonly openMetrics: boolean;
  /** Socket of the helper that writes the boot files; absent when this process writes them. */
  readonly bootHelper?: string;
  /** Re-apply confirmed values after a reboot, for hosts without writable boot files. */
  readonly applyAtStart: boolean;
  /** Interval between samples of the table; 0 for no samples. */
  readonly sampleSeconds: number;
  readonly oidc?: OidcConfig;
  /** Whether to listen on `host` and `port`. */
  readonly tcp: boolean;
  readonly socket?: SocketConfig;
  /** Allow webhooks to loopback and link-local addresses. */
  readonly webhooksAllowLocal?: boolean;
  /** Exempt the port from connection tracking. */
  readonly untracked?: true;
}

export interface ServeFlags
  extends Omit<Config, 'simulated' | 'rootIsHost' | 'tls' | 'oidc' | 'socket' | 'logFormat' | 'untracked'>, OidcFlags, SocketFlags {
  readonly untracked: boolean;
  readonly rootIsHost: boolean;
  readonly logFormat: (typeof LOG_FORMATS)[number];
  readonly behindTlsProxy: boolean;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly tlsClientCa?: string;
}

/** @throws Error when flags contradict each other, or when tokens would cross the network unencrypted. */
export function toConfig(flags: ServeFlags): Config {
  const {
    behindTlsProxy,
    tlsCert,
    tlsKey,
    tlsClientCa,
    oidcIssuer,
    oidcAudience,
    oidcScopeClaim,
    socketPeers,
    socket: path,
    rootIsHost,
    logFormat,
    untracked,
    ...rest
  } = flags;
  const tls = toTls(tlsCert, tlsKey, tlsClientCa);
  if (!isLoopback(flags.host) && !behindTlsProxy && !tls) {
    throw new Error(
      `--host ${flags.host} is not a loopback address, and without TLS tokens would cross the network unencrypted. ` +
        'Set --tls-cert and --tls-key, or set --behind-tls-proxy if a proxy terminates TLS, or listen on 127.0.0.1.',
    );
  }
  if (rootIsHost) requireRootOfHost(flags);
  if (untracked) requirePortOfHost(flags);
  const socket = toSocket({ ...rest, socket: path, socketPeers }, tls !== undefined);
  const oidc = toOidc({ oidcIssuer, oidcAudience, oidcScopeClaim });
  return {
    ...rest,
    ...((logFormat === 'text' || (logFormat === 'auto' && process.stdout.isTTY)) && { logFormat: 'text' as const }),
    ...(tls && { tls }),
    ...(oidc && { oidc }),
    ...(socket && { socket }),
    ...(rootIsHost && { rootIsHost }),
    ...(untracked && { untracked }),
    simulated: flags.root !== '/' && !rootIsHost,
    allowedHosts: [...flags.allowedHosts, ...ownName(flags.host)],
  };
}

/** The version of this package, whether run from the sources or from the build. */
export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    readonly version: string;
  };
  return version;
}

function toTls(cert: string | undefined, key: string | undefined, clientCa: string | undefined): Config['tls'] {
  if (cert !== undefined && key !== undefined) return { cert, key, ...(clientCa !== undefined && { clientCa }) };
  if (cert === undefined && key === undefined && clientCa === undefined) return undefined;
  throw new Error('TLS needs both --tls-cert and --tls-key; --tls-client-ca is an addition to them.');
}

function requireRootOfHost({ root, namespaces, bootHelper }: ServeFlags): void {
  if (root === '/') throw new Error('--root-is-host needs --root with the directory where the other host is mounted.');
  if (namespaces)
    throw new Error('--root-is-host excludes --namespaces: the network namespaces of another host cannot be entered from here.');
  if (bootHelper !== undefined) throw new Error('--root-is-host excludes --boot-helper: the helper writes the boot files of this host.');
}

function requirePortOfHost({ root, tcp }: ServeFlags): void {
  if (!tcp) throw new Error('--untracked needs a port: it excludes --tcp=false.');
  if (root !== '/') throw new Error('--untracked excludes --root: it changes the nftables rules of this host.');
}

/** A specific listening address is also a name of the service; a wildcard address is not. */
function ownName(host: string): readonly string[] {
  if (isLoopback(host) || host === '0.0.0.0' || host === '::') return [];
  return [isIPv6(host) ? `[${host}]` : host];
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}
