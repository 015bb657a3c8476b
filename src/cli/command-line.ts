import { Argument, Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toScopes } from '../config/arguments.ts';
import { packageVersion, toConfig, type ServeFlags } from '../config/config.ts';
import { dataDirOption, serveOptions } from '../config/serve-options.ts';
import { addBackupCommands } from './backup-options.ts';
import { SHELLS, type Shell } from './completion/shells.ts';
import type { ArchiveFlags, RotateFlags, TokenFlags, VerifyFlags } from './command-flags.ts';
import { addExportCommand, COPY_OPTION } from './export-options.ts';
import { ConntrackError } from '../domain/conntrack-error.ts';
import { LONGEST_OVERLAP_SECONDS, STANDARD_LIFE_SECONDS, STANDARD_OVERLAP_SECONDS } from '../domain/token-life.ts';
import { isPlainLine, TOKEN_NAME_MAX_LENGTH } from '../domain/plain-line.ts';
import { SCOPES } from '../domain/token.ts';

/** 0 means success. */
const EXIT = { failed: 1, usage: 2, refused: 3 } as const;

/**
 * Parses and runs one command; without a command, `serve`. A failure prints one line and sets the exit code: 1 failed, 2 wrong usage, 3 refused
 * with an error code of docs/errors.md.
 */
export async function runCommandLine(argv: readonly string[]): Promise<void> {
  const [program = '', script = '', ...words] = argv;
  try {
    await commandLine().parseAsync([program, script, ...(isCommandNamed(words) ? words : ['serve', ...words])]);
  } catch (error) {
    process.exitCode = exitCodeOf(error);
    if (!(error instanceof CommanderError)) process.stderr.write(`conntrack-api: ${describe(error)}\n`);
  }
}

/** Not with Commander's default command: that takes an unknown command for an argument of `serve`. */
function isCommandNamed([first]: readonly string[]): boolean {
  return first !== undefined && (!first.startsWith('-') || ['-h', '--help', '-V', '--version'].includes(first));
}

function exitCodeOf(error: unknown): number {
  // Commander has printed it.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT.usage;
  return error instanceof ConntrackError ? EXIT.refused : EXIT.failed;
}

/** Every command with its options; docs/configuration.md is generated from it. */
export function commandLine(): Command {
  const program = new Command('conntrack-api').description(
    'Read and change Linux connection tracking over an authenticated, journaled REST API.',
  );
  program.version(packageVersion(), '-V, --version', 'print the version').helpOption('-h, --help', 'print help');
  serveOptions(program.command('serve').description('run the service; the command if none is named'))
    .addOption(dataDirOption())
    .action(async (flags: ServeFlags) => (await import('../service/serve.ts')).serve(toConfig(flags)));
  serveOptions(program.command('demo').description('run the service on a simulated kernel tree; needs neither root nor conntrack'))
    .addOption(dataDirOption().default(undefined, 'a new temporary directory'))
    .action(demo);
  program.addCommand(tokenCommands());
  program.addCommand(journalCommands());
  addCompletion(program);
  throwErrors(program);
  return program;
}

function addCompletion(program: Command): void {
  program
    .command('completion')
    .description('print a script with which the shell completes commands and options')
    .addArgument(new Argument('<shell>', 'shell that reads the script').choices(SHELLS))
    .action(async (shell: Shell) => {
      process.stdout.write((await import('./completion/completion.ts')).completion(program, shell));
    });
}

/** Instead of ending the process. */
function throwErrors(command: Command): void {
  command.exitOverride().helpOption('-h, --help', 'print help');
  for (const each of command.commands) throwErrors(each);
}

async function demo(flags: Omit<ServeFlags, 'dataDir'> & { readonly dataDir?: string }): Promise<void> {
  const { serveDemo } = await import('../service/demo/serve-demo.ts');
  const directory = mkdtempSync(join(tmpdir(), 'conntrack-api-demo-'));
  process.once('exit', () => {
    rmSync(directory, { recursive: true, force: true });
  });
  const root = join(directory, 'root');
  process.stderr.write('Generating a simulated host and its past week.\n');
  await serveDemo(toConfig({ ...flags, root, dataDir: flags.dataDir ?? join(directory, 'data') }));
}

function tokenCommands(): Command {
  const token = new Command('token').description('create, rotate, list and revoke API tokens; works while the service runs');
  addTokenCreate(token);
  addTokenRotate(token);
  token
    .command('list')
    .description('list all tokens with their state, scopes and last use')
    .option('--json', 'print JSON')
    .addOption(dataDirOption())
    .action(async (flags: { dataDir: string; json?: true }) => {
      (await import('./token-commands.ts')).listTokens(flags);
    });
  token
    .command('revoke')
    .description('revoke a token, with immediate effect')
    .argument('<id>', TOKEN_ID)
    .addOption(dataDirOption())
    .action(async (id: string, flags: { dataDir: string }) => {
      (await import('./token-commands.ts')).revokeToken(id, flags);
    });
  return token;
}

const TOKEN_ID = 'id of the token, as printed by token list';

function addTokenCreate(token: Command): void {
  token
    .command('create')
    .description('create a token and print its secret')
    .requiredOption('--name <name>', 'name of the user or program, shown in the journal', toTokenName)
    .requiredOption('--scope <scopes>', `comma-separated scopes: ${SCOPES.join(', ')}; or all`, (text: string) => toScopes(text, ','))
    .addOption(
      new Option('--expires <time>', 'lifetime such as 1y, 30d, 12h or 45m, or never')
        .default(STANDARD_LIFE_SECONDS, formatTime(STANDARD_LIFE_SECONDS))
        .argParser(toSeconds),
    )
    .option('--long-lived', 'allow a lifetime of more than a year, or without end')
    .option('--json', 'print JSON')
    .addOption(dataDirOption())
    .action(async (flags: TokenFlags) => {
      (await import('./token-commands.ts')).createToken(flags);
    });
}

function addTokenRotate(token: Command): void {
  token
    .command('rotate')
    .description('create a successor with the same name and scopes; the old token stays valid for the overlap')
    .argument('<id>', TOKEN_ID)
    .addOption(
      new Option('--overlap <time>', 'how long the old token stays valid: 0, 45m, 12h, at most 7d')
        .default(STANDARD_OVERLAP_SECONDS, formatTime(STANDARD_OVERLAP_SECONDS))
        .argParser(toOverlap),
    )
    .option('--json', 'print JSON')
    .addOption(dataDirOption())
    .action(async (id: string, flags: RotateFlags) => {
      (await import('./token-commands.ts')).rotateToken(id, flags);
    });
}

function journalCommands(): Command {
  const journal = new Command('journal').description('verify, export, archive, back up, restore and renew the journal of changes');
  journal
    .command('verify')
    .description(
      'verify the hash chain of the journal, and the tokens against it; works while the service runs. Exit code 1: the chain is broken or a token was altered',
    )
    .option('--anchor <sequence:hash>', 'head that was recorded earlier; detects removed records at the end, too', toAnchor)
    .option('--archive <path...>', 'archives of the journal, oldest first: verify them and that the journal continues them')
    .option(...COPY_OPTION)
    .addOption(dataDirOption())
    .action(async (flags: VerifyFlags) => {
      (await import('./journal-commands.ts')).verifyJournal(flags);
    });
  addExportCommand(journal);
  addJournalArchive(journal);
  addBackupCommands(journal);
  journal
    .command('renew')
    .description('rename a broken journal and create a new one that refers to it; stop the service first')
    .addOption(dataDirOption())
    .action(async (flags: { dataDir: string }) => {
      (await import('./journal-commands.ts')).renewJournal(flags);
    });
  return journal;
}

function addJournalArchive(journal: Command): void {
  journal
    .command('archive')
    .description('move the oldest changes to a verified file that the journal continues; works while the service runs')
    .requiredOption('--to <path>', 'file to create, in the format of journal export')
    .option('--older-than <time>', 'archive changes that started longer ago, such as 90d or 12h', toAge)
    .option('--keep <number>', 'keep this number of the newest changes', toCount)
    .option('--dry-run', 'print which changes would be archived')
    .addOption(dataDirOption())
    .action(async (flags: ArchiveFlags, command: Command) => {
      if (flags.olderThan === undefined && flags.keep === undefined) {
        command.error('error: expected --older-than or --keep: which changes to archive');
      }
      (await import('./journal-commands.ts')).archiveRecords(flags);
    });
}

function toCount(text: string): number {
  if (!/^\d{1,12}$/.test(text)) throw new InvalidArgumentError('Expected a number, such as 1000.');
  return Number(text);
}

function toAge(text: string): number {
  const seconds = toSeconds(text);
  if (seconds === 'never') throw new InvalidArgumentError('Expected a number with d, h or m, such as 90d.');
  return seconds;
}

function toAnchor(text: string): NonNullable<VerifyFlags['anchor']> {
  const [, sequence, hash] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (sequence === undefined || hash === undefined) throw new InvalidArgumentError('Expected SEQUENCE:HASH, as printed by journal verify.');
  return { sequence: Number(sequence), hash };
}

/** A year has 365 days. */
const UNIT_SECONDS = { y: 31_536_000, d: 86_400, h: 3_600, m: 60 } as const;

function toSeconds(text: string): number | 'never' {
  if (text === 'never') return text;
  const match = /^([1-9]\d{0,5})([ydhm])$/.exec(text);
  if (!match) throw new InvalidArgumentError('Expected a number with y, d, h or m, such as 30d, or never.');
  return Number(match[1]) * UNIT_SECONDS[match[2] as keyof typeof UNIT_SECONDS];
}

function toOverlap(text: string): number {
  const seconds = text === '0' ? 0 : toSeconds(text);
  if (seconds === 'never' || seconds > LONGEST_OVERLAP_SECONDS)
    throw new InvalidArgumentError('Expected 0 or a time up to 7d, such as 45m or 12h.');
  return seconds;
}

function toTokenName(text: string): string {
  if (isPlainLine(text, TOKEN_NAME_MAX_LENGTH)) return text;
  throw new InvalidArgumentError(`Expected 1 to ${TOKEN_NAME_MAX_LENGTH} characters of plain text, none of them invisible.`);
}

/** `86400` as `1d`: in the largest unit that divides it. */
function formatTime(seconds: number): string {
  const [unit, size] = Object.entries(UNIT_SECONDS).find(([, each]) => seconds % each === 0) ?? ['s', 1];
  return `${seconds / size}${unit}`;
}

function describe(error: unknown): string {
  if (!(error instanceof ConntrackError)) return error instanceof Error ? error.message : String(error);
  const { remedy } = error.details;
  return `${error.code}: ${error.message}${remedy === undefined ? '' : ` ${remedy}`}`;
}
