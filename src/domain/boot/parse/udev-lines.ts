/** `KEY{attribute}OPERATOR"value"` */
export interface UdevToken {
  readonly key: string;
  readonly attribute: string;
  readonly operator: string;
  readonly value: string;
}

/** A rule of a file, which may span several lines. */
export interface UdevLine {
  readonly text: string;
  readonly line: number;
  readonly tokens: readonly UdevToken[];
  /** The label at which to go on if the rule applies, if the file has it further down. */
  readonly goto?: string;
}

const TOKEN = /[\s,]*([^\s={+\-!:]+)(?:\{([^}]*)\})?\s*(==|!=|\+=|-=|:=|=)\s*([a-z]?)"((?:\\"|[^"])*)"/y;
const MATCHES = ['==', '!='];
const ASSIGNMENTS = ['=', '+=', ':='];
/** The operators that a key accepts. Without an entry, udev does not know the key. */
const OPERATORS: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(
    [
      ...['ACTION', 'DEVPATH', 'KERNEL', 'KERNELS', 'SUBSYSTEM', 'SUBSYSTEMS', 'DRIVER', 'DRIVERS', 'ATTRS', 'TAGS', 'TEST', 'RESULT'],
      ...['CONST'],
    ].map((key) => [key, MATCHES]),
  ),
  ...Object.fromEntries(['ENV', 'ATTR', 'SYSCTL', 'NAME', 'PROGRAM', 'IMPORT'].map((key) => [key, [...MATCHES, ...ASSIGNMENTS]])),
  ...Object.fromEntries(['SYMLINK', 'TAG'].map((key) => [key, [...MATCHES, ...ASSIGNMENTS, '-=']])),
  ...Object.fromEntries(['OWNER', 'GROUP', 'MODE', 'SECLABEL', 'OPTIONS', 'RUN'].map((key) => [key, ASSIGNMENTS])),
  GOTO: ['='],
  LABEL: ['='],
};
const WITH_ATTRIBUTE = ['ENV', 'ATTR', 'ATTRS', 'SYSCTL', 'IMPORT', 'CONST', 'SECLABEL'];
/** Known by the beginning of their names too. */
const BUILTINS = ['blkid', 'btrfs', 'hwdb', 'input_id', 'keyboard', 'kmod', 'net_id', 'net_setup_link', 'path_id', 'uaccess', 'usb_id'];

/** The rules that udev reads from a file. It ignores a rule with a mistake as a whole. */
export function udevLines(text: string): readonly UdevLine[] {
  const lines = continued(text).flatMap(({ text: rule, line }) => {
    const tokens = tokensOf(rule);
    return tokens === undefined ? [] : [{ text: rule, line, tokens }];
  });
  return lines.map((each, index) => {
    const target = each.tokens.findLast(({ key }) => key === 'GOTO')?.value;
    const isThere = target !== undefined && lines.slice(index + 1).some((other) => labelOf(other) === target);
    return isThere ? { ...each, goto: target } : each;
  });
}

/** The rules that udev ignores because of a mistake. */
export function udevMistakes(text: string): readonly Omit<UdevLine, 'tokens'>[] {
  return continued(text).filter((rule) => tokensOf(rule.text) === undefined);
}

export function labelOf({ tokens }: Pick<UdevLine, 'tokens'>): string | undefined {
  return tokens.findLast(({ key }) => key === 'LABEL')?.value;
}

function tokensOf(text: string): readonly UdevToken[] | undefined {
  const tokens: UdevToken[] = [];
  TOKEN.lastIndex = 0;
  for (let from = 0; /[^\s,]/.test(text.slice(from)); from = TOKEN.lastIndex) {
    const [, key = '', attribute = '', operator = '', prefix = '', value = ''] = TOKEN.exec(text) ?? [];
    if (OPERATORS[key]?.includes(operator) !== true) return undefined;
    if (key === 'RUN' ? !isRun(attribute, value) : key !== 'TEST' && (attribute !== '') !== WITH_ATTRIBUTE.includes(key)) return undefined;
    tokens.push({ key, attribute, operator, value: prefix === 'e' ? value : value.replaceAll('\\"', '"') });
  }
  return tokens;
}

function isRun(attribute: string, value: string): boolean {
  return attribute === 'builtin'
    ? BUILTINS.some((name) => name.startsWith(value.split(/\s/)[0] ?? ''))
    : attribute === '' || attribute === 'program';
}

/** A backslash at the end of a line continues the rule in the next one. A comment in between is skipped; the end of the file discards the rule. */
function continued(text: string): readonly { readonly text: string; readonly line: number }[] {
  const rules: { text: string; line: number }[] = [];
  let open: { text: string; line: number } | undefined;
  for (const [index, raw] of text
    .replace(/\r?\n$/, '')
    .split(/\r?\n/)
    .entries()) {
    const line = raw.trimStart();
    if (line.startsWith('#')) continue;
    const rule = { text: (open?.text ?? '') + line.replace(/\\$/, ''), line: open?.line ?? index + 1 };
    open = line.endsWith('\\') ? rule : undefined;
    if (open === undefined && rule.text !== '') rules.push(rule);
  }
  return rules;
}
