import { Command, InvalidArgumentError } from 'commander';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toScopes } from '../config/arguments.ts';
import { dataDirOption, serveOptions, toConfig } from '../config/config.ts';
import type { ExportFlags, RotateFlags, TokenFlags, VerifyFlags } from './command-flags.ts';
import { ConntrackError } from '../domain/conntrack-error.ts';
import { LONGEST_OVERLAP_SECONDS, STANDARD_LIFE_SECONDS, STANDARD_OVERLAP_SECONDS } from '../domain/token-life.ts';
import { SCOPES } from '../domain/token.ts';

type ServeFlags = Parameters<typeof toConfig>[0];

/** Parses and runs one command; an expected failure prints one line and sets the exit code. */
export async function runCommandLine(argv: readonly string[]): Promise<void> {
  try {
    await commandLine().parseAsync([...argv]);
  } catch (error) {
    process.stderr.write(`conntrack-api: ${describe(error)}\n`);
    process.exitCode = 1;
  }
}

function commandLine(): Command {
  const program = new Command('conntrack-api').description('Linux connection tracking over an authenticated, journaled REST API.');
  serveOptions(program.command('serve', { isDefault: true }).description('run the service'))
    .addOption(dataDirOption())
    .action(async (flags: ServeFlags) => (await import('../service/serve.ts')).serve(toConfig(flags)));
  serveOptions(program.command('demo').description('run the service over a generated kernel tree: no root, no conntrack needed'))
    .addOption(dataDirOption().default(undefined, 'a new temporary directory'))
    .action(demo);
  program.addCommand(tokenCommands());
  program.addCommand(journalCommands());
  return program;
}

async function demo(flags: Omit<ServeFlags, 'dataDir'> & { readonly dataDir?: string }): Promise<void> {
  const { generateDemoTree } = await import('../kernel/demo-tree.ts');
  const { serve } = await import('../service/serve.ts');
  const directory = mkdtempSync(join(tmpdir(), 'conntrack-api-demo-'));
  process.once('exit', () => {
    rmSync(directory, { recursive: true, force: true });
  });
  const root = join(directory, 'root');
  await generateDemoTree(root);
  await serve(toConfig({ ...flags, root, dataDir: flags.dataDir ?? join(directory, 'data') }));
}

function tokenCommands(): Command {
  const token = new Command('token').description('make, rotate, list and revoke API tokens, also while the service runs');
  token
    .command('create')
    .requiredOption('--name <name>', 'who it is for')
    .requiredOption('--scope <scopes>', `comma-separated: ${SCOPES.join(', ')}, or all`, (text: string) => toScopes(text, ','))
    .option('--expires <when>', '30d, 12h, 45m, or never', toSeconds, STANDARD_LIFE_SECONDS)
    .option('--long-lived', 'allow more than a year, or never')
    .option('--json', 'print JSON')
    .addOption(dataDirOption())
    .action(async (flags: TokenFlags) => {
      (await import('./token-commands.ts')).createToken(flags);
    });
  token
    .command('rotate')
    .description('make a successor with the same name and scopes; the old token works on for the overlap')
    .argument('<id>')
    .option('--overlap <time>', '0, 45m, 12h, up to 7d', toOverlap, STANDARD_OVERLAP_SECONDS)
    .option('--json', 'print JSON')
    .addOption(dataDirOption())
    .action(async (id: string, flags: RotateFlags) => {
      (await import('./token-commands.ts')).rotateToken(id, flags);
    });
  token
    .command('list')
    .option('--json', 'print JSON')
    .addOption(dataDirOption())
    .action(async (flags: { dataDir: string; json?: true }) => {
      (await import('./token-commands.ts')).listTokens(flags);
    });
  token
    .command('revoke')
    .argument('<id>')
    .addOption(dataDirOption())
    .action(async (id: string, flags: { dataDir: string }) => {
      (await import('./token-commands.ts')).revokeToken(id, flags);
    });
  return token;
}

function journalCommands(): Command {
  const file = ['--file <path>', 'a copy of a journal instead of the one in the data directory; it is only read'] as const;
  const journal = new Command('journal').description('check and export the record of changes, also while the service runs');
  journal
    .command('verify')
    .description('recompute the hash chain; exit code 1 when it is broken')
    .option('--anchor <sequence:hash>', 'a head noted earlier: finds a tail that was cut off, too', toAnchor)
    .option(...file)
    .addOption(dataDirOption())
    .action(async (flags: VerifyFlags) => {
      (await import('./journal-commands.ts')).verifyJournal(flags);
    });
  journal
    .command('export')
    .description('print every record as NDJSON')
    .option(...file)
    .addOption(dataDirOption())
    .action(async (flags: ExportFlags) => (await import('./journal-commands.ts')).exportJournal(flags));
  journal
    .command('renew')
    .description('set a broken journal aside and begin a new one that names it; the service must not run')
    .addOption(dataDirOption())
    .action(async (flags: { dataDir: string }) => {
      (await import('./journal-commands.ts')).renewJournal(flags);
    });
  return journal;
}

function toAnchor(text: string): NonNullable<VerifyFlags['anchor']> {
  const [, sequence, hash] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (sequence === undefined || hash === undefined) throw new InvalidArgumentError('Expected SEQUENCE:HASH as journal verify prints it.');
  return { sequence: Number(sequence), hash };
}

function toSeconds(text: string): number | 'never' {
  if (text === 'never') return text;
  const match = /^([1-9]\d{0,5})([dhm])$/.exec(text);
  if (!match) throw new InvalidArgumentError('Expected a number and d, h or m (30d), or never.');
  return Number(match[1]) * { d: 86_400, h: 3_600, m: 60 }[match[2] as 'd' | 'h' | 'm'];
}

function toOverlap(text: string): number {
  const seconds = text === '0' ? 0 : toSeconds(text);
  if (seconds === 'never' || seconds > LONGEST_OVERLAP_SECONDS)
    throw new InvalidArgumentError('Expected 0, or a time up to 7d (45m, 12h).');
  return seconds;
}

function describe(error: unknown): string {
  if (!(error instanceof ConntrackError)) return error instanceof Error ? error.message : String(error);
  const { remedy } = error.details;
  return `${error.code}: ${error.message}${remedy === undefined ? '' : ` ${remedy}`}`;
}
