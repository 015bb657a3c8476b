/** What the model of changes and the test that plays it share. */

export const NAMES = ['udp_timeout', 'icmp_timeout', 'generic_timeout'] as const;
export type Name = (typeof NAMES)[number];
export type Values = Readonly<Partial<Record<Name, number>>>;
export type Layout = 'nf_conntrack' | 'ip_conntrack';

export interface ChangeStep {
  readonly settings: Values;
  readonly persist: boolean;
  readonly window: number | null;
  readonly supersedes: number | null;
}

/** What a request must lead to: an error code, or a change of this kind and outcome with this id. */
export type Expected = { readonly code: string } | { readonly id: number; readonly kind: string; readonly outcome: 'applied' | 'diverged' };

export type Value = number | string | null;

export interface Item {
  readonly subject: string;
  readonly before: Value;
  readonly after: Value;
  /** What a rollback restores. */
  readonly undo: Value;
}

export interface Entry {
  readonly id: number;
  readonly kind: string;
  readonly boot: number;
  readonly items: readonly Item[];
  readonly undoes: number | null;
  readonly to: number | null;
  readonly confirms: number | null;
  readonly request?: ChangeStep;
}

export interface Window {
  readonly entry: Entry;
  readonly request: ChangeStep;
  deadline: number;
  superseded: Map<string, number>;
}

export interface Pending {
  readonly by: number;
  readonly confirmed: number;
  readonly left: number;
  readonly boot: number;
}

export type Links = Partial<Pick<Entry, 'undoes' | 'to' | 'confirms' | 'request'>>;

export const isSetting = (subject: string): subject is Name => (NAMES as readonly string[]).includes(subject);
export const isModified = ({ before, after, undo }: Item): boolean => after !== before || after !== undo;
