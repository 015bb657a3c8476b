import type { Risk } from '../api/answers.ts';

/** Why a plan cannot be carried out yet, or at all; `undefined` where it can. */
export function missingFor(risks: readonly Pick<Risk, 'code' | 'level'>[], acknowledged: readonly string[]): string | undefined {
  const refused = risks.filter(({ level }) => level === 'refused').map(({ code }) => code);
  if (refused.length > 0) return `Not done whatever is accepted: ${refused.join(', ')}.`;
  const open = risks.filter(({ code, level }) => level === 'acknowledge' && !acknowledged.includes(code)).map(({ code }) => code);
  return open.length > 0 ? `To be accepted first: ${open.join(', ')}.` : undefined;
}
