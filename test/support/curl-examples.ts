/** An operation as the page announces it, and what it runs. */
export interface CurlExample {
  /** Heading it stands under. */
  readonly tag: string;
  /** `GET /api/v1/settings/{name}` */
  readonly operation: string;
  readonly commands: readonly string[];
}

const EXAMPLE = /^`([A-Z]+ \/\S*)`: .*\n\n```bash\n([\s\S]*?)^```$/gm;
/** As the page's own variables stand for them. */
const PREFIXES: Readonly<Record<string, string>> = { API: '/api/v1', HERE: '' };

export function curlExamples(markdown: string): readonly CurlExample[] {
  return sectionsOf(markdown).flatMap(({ tag, text }) =>
    [...text.matchAll(EXAMPLE)].map(([, operation = '', block = '']) => ({ tag, operation, commands: curlCommands(block) })),
  );
}

/** Every call of curl, from its name to the end of the line; a line that is continued counts as one. */
export function curlCommands(text: string): readonly string[] {
  return text
    .replaceAll('\\\n', ' ')
    .split('\n')
    .flatMap((line) => line.split(/(?=\bcurl -)/).filter((part) => part.startsWith('curl -')));
}

/**
 * The operation that a command asks for, with every variable part of its path as `{}`.
 *
 * @throws Error where it asks nothing of the service
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
