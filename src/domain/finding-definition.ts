export const FINDING_LEVELS = ['information', 'warning', 'error'] as const;
/** `error`: traffic is lost or soon will be, or a setting is; `warning`: needs attention this week; `information`: context for other numbers. */
export type FindingLevel = (typeof FINDING_LEVELS)[number];

/** What operators read about a code; the tables in docs/boot.md, docs/findings.md and docs/risks.md are generated from it. */
export interface FindingDefinition<Level extends string = FindingLevel> {
  /** Every level the code occurs with. */
  readonly levels: readonly Level[];
  /** When it occurs and why it matters, as Markdown. */
  readonly meaning: string;
  /** What to do, as Markdown. */
  readonly remedy: string;
}

/** The levels of one code of a table: a rule that reports another level does not compile. */
export type LevelOf<
  Table extends Readonly<Record<string, FindingDefinition<string>>>,
  Code extends keyof Table,
> = Table[Code]['levels'][number];
