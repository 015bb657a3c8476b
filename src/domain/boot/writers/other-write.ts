import type { BootLine } from '../boot-line.ts';
import type { SysctlPath } from '../parse/sysctl-key.ts';

/** A value that a program other than the sysctl run of the boot sets. */
export interface OtherWrite {
  /** The program, as an operator calls it. */
  readonly program: string;
  /** The line that makes the program set it. */
  readonly at: BootLine;
  /** The line that has the value, if it is another one. */
  readonly source?: BootLine;
  readonly path: SysctlPath;
  /** As it is written to the file of the setting. Absent if it is not known. */
  readonly value?: string;
  /** Whether the program runs after sysctls are set (`late`), or the two are not ordered. */
  readonly order: 'late' | 'unordered';
  /** The program is known to set it at the next boot. */
  readonly isCertain: boolean;
  /** The program loads connection tracking before it sets the value. */
  readonly loads: boolean;
}
