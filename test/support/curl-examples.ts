/** An operation of docs/curl.md and the commands in its block. */
export interface CurlExample {
  /** Heading of the section. */
  readonly tag: string;
  /** `GET /api/v1/settings/{name}` */
  readonly operation: string;
  readonly commands: readonly string[];
}

const EXAMPLE = /^`([A-Z]+ \/\S*)`: .*\n\n```bash\n([\s\S]*?)^```$/gm;
/** The path prefix that each variable of the page stands for. */
const PREFIXES: Readonly<Record<string, string>> = { API: '/api/v1', HERE: '' };

export function curlExamples(markdown: string): readonly CurlExample[] {
  return sectionsOf(markdown).flatMap(({ tag, text }) =>
    [...text.matchAll(EXAMPLE)].map(([, operation = '', block = '']) => ({ tag, operation, commands: curlCommands(block) })),
  );
}

/** Every curl command, from `curl` to the end of the line; a continued line counts as one. */
export function curlCommands(text: string): readonly string[] {
  return text
    .replaceAll('\\\n', ' ')
    .split('\n')
    .flatMap((line) => line.split(/(?=\bcurl -)/).filter((part) => part.startsWith('curl -')));
}

/**
 * The operation that a command requests, with every variable part of its path as `{}`.
 *
 * @throws Error if the URL does not begin with `$API` or `$HERE`
 */
export function operationOf(command: string): string {
  const [, variable = '', path = ''] = /\$(\w+)(\/[^\s"?)]*)/.exec(command.replace(/-H "[^"]*"/g, '')) ?? [];
  const prefix = PREFIXES[variable];
  if (prefix === undefined) throw new Error(`Expected a URL below $API or $HERE: ${command}`);
  const method = / -I /.test(command) ? 'HEAD' : (/ -X ([A-Z]+) /.exec(command)?.[1] ?? 'GET');
  return `${method} ${prefix}${path.replaceAll(/\$\w+/g, '{}')}`;
}

function sectionsOf(markdown: string): readonly { readonly tag: string; readonly text: string }[] {
  return markdown
    .split(/^## /m)
    .slice(1)
    .map((section) => ({ tag: section.slice(0, section.indexOf('\n')), text: section }));
}
