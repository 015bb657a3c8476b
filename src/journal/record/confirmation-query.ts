/**
 * Joins the outcome of the intent `name` if the change took effect completely or in part. CROSS fixes the join order: few intents are
 * selected, but most outcomes match.
 */
function tookEffect(name: string): string {
  return `CROSS JOIN record AS ${name}_closing INDEXED BY record_outcome ON ${name}_closing.kind = 'outcome' AND ${name}_closing.change_id = ${name}.change_id
      AND ${name}_closing.outcome_name IN ('applied', 'adjusted', 'recovered-applied', 'diverged')`;
}

/** A later change that took effect and matches `condition`. */
function later(condition: string): string {
  return `
    SELECT later.change_id FROM record AS later ${tookEffect('later')}
    WHERE later.kind = 'intent' AND later.change_id > base.change_id AND ${condition}`;
}

/**
 * Holds unless the service was killed while it restored several settings, before it reached one of them: that one still has to be reverted.
 * The same as `isNotReached` in src/domain/pending-settings.ts.
 */
const REACHED_ALL = `(later_closing.outcome_name <> 'diverged' OR NOT EXISTS (
      SELECT 1 FROM json_each(later.content, '$.settings') AS setting, json_each(later_closing.content, '$.observed.settings') AS observed
      WHERE setting.value ->> '$.name' IN (observed.key, observed.key || '@' || (later.content ->> '$.namespace.identity')) AND observed.value = setting.value ->> '$.before'
        AND setting.value ->> '$.before' <> setting.value ->> '$.requested'))`;

/** The same as `isSameNamespace` in src/domain/namespace.ts. */
const SAME_NAMESPACE = "later.content ->> '$.namespace.identity' IS base.content ->> '$.namespace.identity'";

/**
 * The `id` of each change that awaits confirmation, oldest first, and the latest extension of its window, if any. A rollback to a point in
 * time before a change reverts it like a rollback of that change.
 */
export const AWAITING_CONFIRMATION = `
  SELECT base.change_id AS id, (
    ${later("later.relates_to = base.change_id AND later.change_kind = 'window-extended'")} ORDER BY later.change_id DESC LIMIT 1
  ) AS extension
  FROM record AS base ${tookEffect('base')}
  WHERE base.kind = 'intent' AND base.window_seconds IS NOT NULL AND base.change_kind <> 'window-extended'
    AND NOT EXISTS (${later("later.relates_to = base.change_id AND later.change_kind = 'confirmation'")})
    AND NOT EXISTS (${later(`later.rollback_of = base.change_id AND later.change_kind IN ('rollback', 'auto-revert') AND ${REACHED_ALL}`)})
    AND NOT EXISTS (${later(`later.change_kind = 'rollback-to' AND later.relates_to < base.change_id AND ${SAME_NAMESPACE} AND ${REACHED_ALL}`)})
  ORDER BY base.change_id`;
