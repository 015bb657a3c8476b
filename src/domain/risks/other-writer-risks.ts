import type { BootResult } from '../boot/boot-result.ts';
import type { OtherWriterLine } from '../boot/boot-line.ts';
import { reasonsToExpect, type RunningWriter } from '../likely-owner.ts';
import { risk, type Risk } from './risk.ts';

interface PlannedValue {
  readonly name: string;
  /** As the kernel will report it. */
  readonly expected: number;
}

/**
 * Programs that set a setting besides this service: those whose files the next boot shows, and those that run now.
 *
 * @param running the programs that run now and write the setting
 */
export function otherWriterRisks(step: PlannedValue, boot: BootResult, running: readonly RunningWriter[]): readonly Risk[] {
  const setting = boot.settings.find(({ name }) => name === step.name);
  const lines = (setting?.alsoSetBy ?? []).filter(({ value }) => value !== step.expected);
  const programs = [...new Set(lines.map(({ program }) => program))];
  const fromFiles = programs.map((program) =>
    ofLines(
      step.name,
      program,
      lines.filter((line) => line.program === program),
    ),
  );
  // After a restart of firewalld the values are those of the next boot.
  const isKept = setting?.value === step.expected;
  const others = running.filter(({ program }) => !programs.includes(program) && !(program === 'firewalld' && isKept));
  return [...fromFiles, ...others.map((writer) => risk('OTHER_WRITER', 'warning', step.name, reasonsToExpect(step.name, writer)))];
}

function ofLines(name: string, program: string, lines: readonly OtherWriterLine[]): Risk {
  const where = lines.map(({ path, line, value }) => `${path}:${line}${value === undefined ? '' : ` (${value})`}`).join(', ');
  return risk('OTHER_WRITER', 'warning', name, `${program} is enabled and also sets ${name}: ${where}. It may set it again.`);
}
