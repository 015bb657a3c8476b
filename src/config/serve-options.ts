import { Option, type Command } from 'commander';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { toList, toOrigins, toPath, toPort, toRateLimit, toSampleSeconds } from './arguments.ts';
import { oidcOptions } from './oidc.ts';
import { booleanOption, option } from './options.ts';
import { socketOptions } from './socket-options.ts';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

export const LOG_FORMATS = ['auto', 'json', 'text'] as const;

/** The options of `serve` by subject: the headings of its help and of docs/configuration.md. */
const GROUPS: Readonly<Record<string, () => readonly Option[]>> = {
  Network: networkOptions,
  TLS: tlsOptions,
  Access: accessOptions,
  Changes: changeOptions,
  Observation: observationOptions,
};

export function serveOptions(command: Command): Command {
  for (const [heading, options] of Object.entries(GROUPS)) {
    for (const each of options()) command.addOption(each.helpGroup(`${heading}:`));
  }
  return command;
}

/** The path of the journal, for every command. */
export function dataDirOption(): Option {
  return option('--data-dir <path>', 'directory of the journal, the tokens, the samples and the webhooks')
    .default(defaultDataDir(), '/var/lib/conntrack-api for root, otherwise ~/.local/state/conntrack-api')
    .argParser(toPath);
}

/** The npm script that runs this process, such as `start`, or `npx`. */
export function npmScript(): string | undefined {
  return process.env['npm_lifecycle_event'];
}

export function defaultDataDir(): string {
  if (process.getuid?.() === 0) return '/var/lib/conntrack-api';
  return join(process.env['XDG_STATE_HOME'] ?? join(homedir(), '.local', 'state'), 'conntrack-api');
}

function networkOptions(): readonly Option[] {
  return [
    option('--host <address>', 'address to listen on; a non-loopback address requires TLS').default('127.0.0.1'),
    option('--port <number>', 'port to listen on; 0 selects a free port').default(8477).argParser(toPort),
    ...socketOptions(),
    booleanOption(
      'untracked',
      'exempt the port from connection tracking: it responds while the table is full (needs CAP_NET_ADMIN)',
      false,
    ),
    option('--allowed-hosts <names>', 'comma-separated names to accept in the Host header, besides the loopback names and --host')
      .default([], 'none')
      .argParser(toList),
    option('--allowed-origins <origins>', 'comma-separated origins of web pages that may call the API from a browser (CORS)')
      .default([], 'none')
      .argParser(toOrigins),
    option('--rate-limit <number>', 'requests per second for each token and each address, with bursts of four times as many; 0: no limit')
      .default(50)
      .argParser(toRateLimit),
  ];
}

function tlsOptions(): readonly Option[] {
  return [
    option('--tls-cert <file>', 'PEM file with the certificate and its chain: serve HTTPS; needs --tls-key').argParser(toPath),
    option('--tls-key <file>', 'PEM file with the private key of the certificate').argParser(toPath),
    option('--tls-client-ca <file>', 'PEM file with CA certificates: refuse clients without a certificate from one of them').argParser(
      toPath,
    ),
    booleanOption('behind-tls-proxy', 'allow plain HTTP on a non-loopback address because a proxy in front terminates TLS', false),
  ];
}

function accessOptions(): readonly Option[] {
  return [
    booleanOption('first-token', 'create an admin token and print it if there are no tokens', true),
    new Option('--no-first-token', 'same as --first-token=false'),
    booleanOption('open-metrics', 'serve /metrics without a token', false),
    booleanOption('namespaces', 'allow requests about named network namespaces (needs CAP_SYS_ADMIN)', false),
    booleanOption('webhooks-allow-local', 'allow webhooks to loopback, link-local and similar addresses', false),
    ...oidcOptions(),
  ];
}

function changeOptions(): readonly Option[] {
  return [
    booleanOption('require-if-match', 'refuse changes without an If-Match header (428)', false),
    booleanOption('apply-at-start', 're-apply confirmed values after a reboot, for hosts without writable boot files', false),
    option('--boot-helper <path>', 'socket of the root helper that writes the boot files for an unprivileged service').argParser(toPath),
  ];
}

function observationOptions(): readonly Option[] {
  return [
    option('--sample-seconds <seconds>', 'interval between samples for rates, findings and history, at most 3600; 0: no samples')
      .default(10)
      .argParser(toSampleSeconds),
    option('--log-level <level>', 'lowest level to log').choices(LOG_LEVELS).default('info'),
    option('--log-format <format>', 'one JSON object per line, or text for a person; auto: text on a terminal, otherwise json')
      .choices(LOG_FORMATS)
      .default('auto'),
    option('--root <path>', 'root directory of all kernel and boot file paths; any directory other than / is reported as simulated')
      .default('/')
      .argParser(toPath),
    booleanOption(
      'root-is-host',
      'the directory of --root is a real host, mounted here with sshfs: nothing is reported as simulated',
      false,
    ),
  ];
}
