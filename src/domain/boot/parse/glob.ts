const GLOB = /[*?[]/;

export function isGlob(text: string): boolean {
  return GLOB.test(text);
}

/** Whether a path matches by the rules of glob(3): `*` and `?` stay within a component. */
export function matchesGlob(pattern: string, path: string): boolean {
  const [wanted, parts] = [pattern.split('/'), path.split('/')];
  return wanted.length === parts.length && wanted.every((component, index) => matchesComponent(component, parts[index] ?? ''));
}

/** Whether a text matches by the rules of fnmatch(3) without flags: `*` matches slashes too. */
export function matchesName(pattern: string, text: string): boolean {
  return toExpression(pattern).test(text);
}

function matchesComponent(pattern: string, part: string): boolean {
  if (part.startsWith('.') && !pattern.startsWith('.')) return false;
  return toExpression(pattern).test(part);
}

function toExpression(pattern: string): RegExp {
  let source = '';
  for (let at = 0; at < pattern.length; at += 1) {
    const character = pattern[at] ?? '';
    const set = character === '[' ? bracket(pattern, at) : undefined;
    if (set !== undefined) {
      source += set.source;
      at = set.end;
    } else if (character === '*') source += '[^]*';
    else if (character === '?') source += '[^]';
    else if (character === '\\' && at + 1 < pattern.length) source += literal(pattern[(at += 1)] ?? '');
    else source += literal(character);
  }
  return new RegExp(`^(?:${source})$`);
}

/** The bracket expression that begins at `start`; undefined if it does not end: `[` is then a literal. */
function bracket(pattern: string, start: number): { readonly source: string; readonly end: number } | undefined {
  const negated = pattern[start + 1] === '!' || pattern[start + 1] === '^';
  const first = start + (negated ? 2 : 1);
  const end = pattern.indexOf(']', first + 1);
  if (end === -1) return undefined;
  const body = pattern.slice(first, end).replace(/[\\\]^[]/g, (character) => `\\${character}`);
  return { source: `[${negated ? '^' : ''}${body.replace(/^-|-$/g, '\\-')}]`, end };
}

function literal(character: string): string {
  return character.replace(/[\\^$.*+?()[\]{}|/]/g, (special) => `\\${special}`);
}

/** `a{b,c}d` is `abd` and `acd`; braces may be nested. A brace that does not close is a literal. */
export function expandBraces(pattern: string): readonly string[] {
  const open = pattern.indexOf('{');
  if (open === -1) return [pattern];
  const ends = alternatives(pattern, open);
  if (ends === undefined) return [pattern];
  const [before, after] = [pattern.slice(0, open), pattern.slice(ends.close + 1)];
  return ends.parts.flatMap((part) => expandBraces(before + part + after));
}

function alternatives(pattern: string, open: number): { readonly parts: readonly string[]; readonly close: number } | undefined {
  const parts: string[] = [];
  let [depth, from] = [0, open + 1];
  for (let at = open; at < pattern.length; at += 1) {
    const character = pattern[at];
    if (character === '{') depth += 1;
    else if (character === ',' && depth === 1) {
      parts.push(pattern.slice(from, at));
      from = at + 1;
    } else if (character === '}' && (depth -= 1) === 0) return { parts: [...parts, pattern.slice(from, at)], close: at };
  }
  return undefined;
}
