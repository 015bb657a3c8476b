/** The methods of each path, to distinguish a wrong method (405) from a wrong path (404). */
export class KnownRoutes {
  private readonly byPattern = new Map<string, { readonly pattern: RegExp; readonly methods: Set<string> }>();

  /** `path` is a router pattern: `/api/v1/changes/:id`. */
  add(path: string, method: string | readonly string[]): void {
    const route = this.byPattern.get(path) ?? { pattern: toPattern(path), methods: new Set<string>() };
    for (const each of [method].flat()) route.methods.add(each);
    this.byPattern.set(path, route);
  }

  /** The methods of each router pattern. */
  all(): ReadonlyMap<string, readonly string[]> {
    return new Map([...this.byPattern].map(([path, { methods }]) => [path, [...methods]]));
  }

  /** In alphabetical order. Empty if there is no such path. A literal path (`/changes/verify`) takes precedence over a pattern (`/changes/:id`). */
  methodsAt(url: string): readonly string[] {
    const path = url.split('?', 1)[0] ?? '';
    const literal = this.byPattern.get(path);
    const matching = literal ? [literal] : [...this.byPattern.values()].filter(({ pattern }) => pattern.test(path));
    return [...new Set(matching.flatMap(({ methods }) => [...methods]))].sort();
  }
}

function toPattern(path: string): RegExp {
  const literal = path.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${literal.replace(/:[A-Za-z]+/g, '[^/]+').replaceAll('*', '.*')}$`);
}
