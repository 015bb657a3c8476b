import { InvalidArgumentError, Option, type Command } from 'commander';
import { dataDirOption } from '../config/serve-options.ts';
import type { FollowFlags } from './command-flags.ts';

export const COPY_OPTION = ['--file <path>', 'read this copy of a journal instead of the one in the data directory'] as const;

/** `journal export`. */
export function addExportCommand(journal: Command): void {
  journal
    .command('export')
    .description('print all records as NDJSON; works while the service runs')
    .option('--after <sequence>', 'print only the records after this one: its sequence number, or SEQUENCE:HASH', toStart)
    .addOption(new Option('--follow', 'continue with each new record, until the command is ended').conflicts('file'))
    .addOption(
      new Option(
        '--state <path>',
        'keep SEQUENCE:HASH of the last printed record in this file, and continue after it when the command is started again',
      ).conflicts(['after', 'file']),
    )
    .option(...COPY_OPTION)
    .addOption(dataDirOption())
    .action(async (flags: FollowFlags) => (await import('./export-commands.ts')).exportJournal(flags));
}

function toStart(text: string): NonNullable<FollowFlags['after']> {
  const [, sequence, hash] = /^(\d{1,15})(?::([0-9a-f]{64}))?$/.exec(text) ?? [];
  if (sequence === undefined) throw new InvalidArgumentError('Expected a sequence number, or SEQUENCE:HASH.');
  return { sequence: Number(sequence), ...(hash !== undefined && { hash }) };
}
