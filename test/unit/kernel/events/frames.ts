export interface Frame {
  readonly id?: string;
  readonly event?: string;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly comment?: string;
}

/** Parses an event stream (HTML standard, section 9.2.6), as far as this service uses it. */
export function framesIn(text: string): readonly Frame[] {
  return text
    .split('\n\n')
    .filter(Boolean)
    .map((block) => Object.assign({}, ...block.split('\n').map(field)) as Frame);
}

function field(line: string): Frame {
  if (line.startsWith(':')) return { comment: line.slice(1).trim() };
  const [, name = '', value = ''] = /^(id|event|data): (.*)$/.exec(line) ?? [];
  if (name === '') throw new Error(`Expected a field of an event, found "${line}".`);
  return { [name]: name === 'data' ? (JSON.parse(value) as unknown) : value };
}
