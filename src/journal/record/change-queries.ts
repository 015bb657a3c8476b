import type { ChangeQuery } from '../../application/ports/journal.ts';

/** One change: the record of its intent and, once closed, of its outcome. */
export interface ChangeRow {
  readonly id: number;
  readonly intent_sequence: number;
  readonly started_at: string;
  readonly intent: string;
  readonly outcome_sequence: number | null;
  readonly completed_at: string | null;
  readonly outcome: string | null;
}

const changes = (intent: string, outcome: string): string => `
  SELECT intent.change_id AS id,
    intent.sequence AS intent_sequence, intent.recorded_at AS started_at, ${intent} AS intent,
    closing.sequence AS outcome_sequence, closing.recorded_at AS completed_at, ${outcome} AS outcome
  FROM record AS intent LEFT JOIN record AS closing ON closing.change_id = intent.change_id AND closing.kind = 'outcome'
  WHERE intent.kind = 'intent'`;

const WHOLE = changes('intent.content', 'closing.content');

const NAMES_ENTRIES = `intent.change_kind IN ('deletion', 'entry-update')
    OR (intent.change_kind = 'rollback' AND json_type(intent.content, '$.update') IS NOT NULL)`;

/** Without deleted and updated entries: a list of changes with a thousand entries each would not fit into memory. */
const BRIEF = changes(
  `CASE WHEN ${NAMES_ENTRIES} THEN json_remove(intent.content, '$.update.entries', '$.update.skipped') ELSE intent.content END`,
  `CASE WHEN ${NAMES_ENTRIES} THEN json_remove(closing.content, '$.deleted.entries', '$.updated.entries') ELSE closing.content END`,
);

export const ONE_CHANGE = `${WHOLE} AND intent.change_id = ?`;

export const OPEN_CHANGES = `${BRIEF} AND intent.change_id IN (SELECT change_id FROM open_change) ORDER BY intent.change_id`;

export const CHANGES_AFTER = `${BRIEF} AND intent.change_id > ? ORDER BY intent.change_id LIMIT ?`;

export const CHANGE_ENDS = `
  SELECT intent.change_id AS id, intent.change_kind AS kind, coalesce(closing.outcome_name, 'pending') AS outcome
  FROM record AS intent LEFT JOIN record AS closing ON closing.change_id = intent.change_id AND closing.kind = 'outcome'
  WHERE intent.kind = 'intent' AND intent.change_id > ? ORDER BY intent.change_id LIMIT ?`;

export const CHANGE_BY_KEY = `
  ${WHOLE} AND intent.actor_id = ? AND intent.idempotency_key = ? AND intent.recorded_at >= ?
  ORDER BY intent.change_id DESC LIMIT 1`;

/** Outcomes that left the host unchanged do not count. A change without an outcome counts. */
export const LAST_TO_ALTER = `
  SELECT subject.change_id AS id
  FROM change_subject AS subject LEFT JOIN record AS closing ON closing.change_id = subject.change_id AND closing.kind = 'outcome'
  WHERE subject.subject = ? AND subject.change_id > ? AND subject.alters = 1
    AND (closing.outcome_name IS NULL OR closing.outcome_name NOT IN ('failed', 'not-effective', 'recovered-unchanged'))
  ORDER BY subject.change_id DESC LIMIT 1`;

export interface Query {
  readonly sql: string;
  readonly parameters: Readonly<Record<string, string | number>>;
}

/** `sql` applies if `parameter` is defined. */
type Condition = readonly [sql: string, name: string, parameter: string | number | undefined];

/** Newest first. `since` is inclusive, `until` exclusive. */
export function listQuery(query: ChangeQuery, limit: number, before: number | undefined): Query {
  const conditions = [...conditionsOf(query), ['intent.change_id < @before', 'before', before] as const];
  const given = conditions.filter(([, , parameter]) => parameter !== undefined);
  const where = [BRIEF, ...given.map(([sql]) => sql)].join(' AND ');
  return {
    sql: `${where} ORDER BY intent.change_id DESC LIMIT @limit`,
    parameters: Object.fromEntries([...given.map(([, name, parameter]) => [name, parameter]), ['limit', limit]]) as Query['parameters'],
  };
}

/** Each filter selects ids through an index, so that only the changes of the page are read, in order and without sorting. */
function conditionsOf({ setting, subject, namespace, actor, outcome, since, until }: ChangeQuery): readonly Condition[] {
  const withOutcome = "SELECT change_id FROM record WHERE kind = 'outcome' AND outcome_name = @outcome";
  return [
    [among(`${SUBJECTS} = @subject`), 'subject', subject],
    // As in `subjectIn`: A follows @.
    [among(`${SUBJECTS} = @setting UNION ALL ${SUBJECTS} > @setting || '@' AND subject < @setting || 'A'`), 'setting', setting],
    [`${among(MAY_HAVE_NAMESPACE)} AND ${NAMESPACE} = @namespace`, 'namespace', namespace],
    [among(`${INTENTS} actor_id = @actor UNION ALL ${INTENTS} actor_name = @actor`), 'actor', actor],
    [among(outcome === 'pending' ? 'SELECT change_id FROM open_change' : withOutcome), 'outcome', outcome],
    [among(`${INTENTS} recorded_at >= @since`), 'since', since?.toISOString()],
    [among(`${INTENTS} recorded_at < @until`), 'until', until?.toISOString()],
  ];
}

const SUBJECTS = 'SELECT change_id FROM change_subject WHERE subject';
const INTENTS = "SELECT change_id FROM record WHERE kind = 'intent' AND";

const NAMESPACE = "coalesce(intent.content ->> '$.namespace.name', intent.content ->> '$.deletion.namespace')";

/**
 * The subjects of another network namespace have its identity behind an `@` ({@link subjectIn}), so that the name is compared in few records.
 * Distinct subjects are found one after the other in the index: they are few, and their changes are many. Kinds that may have no settings
 * are found by kind.
 */
const MAY_HAVE_NAMESPACE = `
  WITH RECURSIVE known (subject) AS (
    SELECT min(subject) FROM change_subject
    UNION ALL SELECT (SELECT min(subject) FROM change_subject WHERE subject > known.subject) FROM known WHERE known.subject IS NOT NULL
  )
  SELECT change_id FROM change_subject WHERE subject IN (SELECT subject FROM known WHERE instr(subject, '@') > 0)
  UNION ALL
  ${INTENTS} change_kind IN ('deletion', 'entry-update', 'rollback', 'rollback-to', 'confirmation', 'window-extended', 'auto-revert')`;

function among(ids: string): string {
  return `intent.change_id IN (${ids})`;
}
