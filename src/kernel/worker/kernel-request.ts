import type { CounterReading } from '../../domain/table.ts';
import type { FilterProbe } from '../netlink/filter-probe.ts';
import type { SystemFailure } from '../system-failure.ts';

/** What is asked of the kernel off the main thread: it is about another network namespace, or takes longer than a system call. */
export type Question =
  /** Numbers in files of /proc/sys/net, which show the namespace of the thread that opens them. */
  | { readonly kind: 'sysctls'; readonly namespacePath: string; readonly paths: Readonly<Record<string, string>> }
  /** The same numbers as a network namespace has them that nobody has touched: the kernel's defaults. */
  | { readonly kind: 'defaults'; readonly paths: Readonly<Record<string, string>> }
  | { readonly kind: 'counters'; readonly namespacePath: string }
  /** What the kernel's own filter of a dump honours. */
  | { readonly kind: 'filter' }
  /** Whether a thread of this process may change its network namespace. */
  | { readonly kind: 'setns' };

export type QuestionOf<Kind extends Question['kind']> = Extract<Question, { readonly kind: Kind }>;

export interface Answers {
  /** Under the names of `paths`; one that cannot be read does not keep the others back. */
  readonly sysctls: Readonly<Record<string, number | SystemFailure>>;
  readonly defaults: Answers['sysctls'];
  readonly counters: CounterReading['perCpu'];
  readonly filter: FilterProbe;
  readonly setns: true;
}

/** To the thread: a question, numbered so that the reply finds who asked, or that it is to end. */
export type Asked = { readonly number: number; readonly question: Question } | 'end';

/** From the thread. */
export type Reply = { readonly number: number } & (
  { readonly answer: Answers[Question['kind']] } | { readonly refusal: { readonly what: string; readonly failure: SystemFailure } }
);
