import { join, resolve } from 'node:path';
import type { Config } from '../config/config.ts';
import { defaultDataDir, npmScript } from '../config/serve-options.ts';
import type { Capability } from '../domain/capabilities.ts';

export interface Started {
  /** Without a path. */
  readonly url: string;
  /** Of the unix socket; absent: there is none. */
  readonly socketPath?: string | undefined;
  readonly version: string;
  /** Of a new admin token. */
  readonly secret: string | undefined;
  readonly notReady: string | undefined;
  readonly capabilities: readonly Capability[];
  readonly isRoot: boolean;
  /** Prints a link that signs in to the page. */
  readonly isDemo?: boolean;
  /** Width of the terminal. Absent: standard output is not a terminal, and lines are not wrapped. */
  readonly columns?: number;
}

/** Capabilities in the operator's words. The others are reported by `GET /capabilities` only. */
const WORDS: Readonly<Record<string, string>> = {
  entries: 'read entries',
  'entries.delete': 'delete entries',
  events: 'stream events',
  'settings.write': 'change settings',
  persist: 'persist settings',
  untracked: 'exempt the port from connection tracking',
};

/** What `serve` prints on standard output when it listens. */
export function greeting(config: Config, started: Started): string {
  const { url, version, socketPath, secret, notReady, capabilities, isRoot, isDemo, columns } = started;
  const lines = [
    `conntrack-api ${version} ${place(config)}`,
    ...(isDemo && secret !== undefined ? [`  open         ${url}/#token=${secret}`] : []),
    `  page         ${url}/`,
    `  API          ${url}/api/v1`,
    `  Swagger UI   ${url}/docs`,
    `  data file    ${join(config.dataDir, 'conntrack-api.sqlite3')}`,
  ];
  if (socketPath !== undefined) {
    const token = isRoot ? '' : '-H "Authorization: Bearer $TOKEN" ';
    lines.push(
      `  unix socket  ${socketPath}`,
      `${INDENT}responds while the table is full: curl ${token}--unix-socket ${quoted(socketPath)} http://localhost/api/v1/table`,
    );
  }
  const missing = unavailable(capabilities);
  if (notReady) lines.push(...wrapped(`  NOT READY    ${notReady}`, columns));
  lines.push(...missing.flatMap((line) => wrapped(line, columns)));
  if (missing.length > 0 && !isRoot) lines.push(`${INDENT}Not running as root. GET /api/v1/capabilities has the remedies.`);
  if (secret) {
    const command = commandOf(config.dataDir);
    lines.push(
      `  admin token  ${secret}`,
      `${INDENT}shown only once: sign in to the page or Swagger UI with it`,
      `  example      TOKEN=$(${command} token create --name me --scope table:read)`,
      `${INDENT}curl -H "Authorization: Bearer $TOKEN" ${url}/api/v1/table`,
    );
  }
  return lines.join('\n');
}

function place({ simulated, rootIsHost, root }: Config): string {
  if (simulated) return `on a SIMULATED kernel tree (${root}); this host is not changed`;
  return rootIsHost ? `on the host mounted at ${root}` : 'on this host';
}

const INDENT = ' '.repeat(15);

/** Continued below its text. */
function wrapped(line: string, columns = Infinity): readonly string[] {
  const lines = [line.slice(0, INDENT.length)];
  for (const word of line.slice(INDENT.length).split(' ')) {
    const last = lines.at(-1) ?? '';
    const isFirst = last.length === INDENT.length;
    if (isFirst || last.length + 1 + word.length <= columns) lines[lines.length - 1] = `${last}${isFirst ? '' : ' '}${word}`;
    else lines.push(`${INDENT}${word}`);
  }
  return lines;
}

/** One line per reason. */
function unavailable(capabilities: readonly Capability[]): readonly string[] {
  const missing = capabilities.filter(({ name, available }) => !available && name in WORDS);
  return [...Map.groupBy(missing, ({ reason }) => reason ?? 'unknown reason')].map(
    ([reason, of]) => `  UNAVAILABLE  ${of.map(({ name }) => WORDS[name]).join(', ')}: ${reason}`,
  );
}

/** Commands in a checkout, whose default data directory is `./data`, by npm script. */
const IN_CHECKOUT: readonly string[] = ['start', 'demo', 'conntrack-api'];

/** How to run a command on the same journal from where the service was started. */
function commandOf(dataDir: string): string {
  const script = npmScript() ?? '';
  const isInCheckout = IN_CHECKOUT.includes(script);
  const program = isInCheckout ? 'npm run --silent conntrack-api --' : script === 'npx' ? 'npx conntrack-api' : 'conntrack-api';
  const isStandard = dataDir === (isInCheckout ? resolve('data') : defaultDataDir());
  return isStandard ? program : `CONNTRACK_API_DATA_DIR=${quoted(dataDir)} ${program}`;
}

function quoted(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
