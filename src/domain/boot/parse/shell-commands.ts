/** A simple command: its words without quotes. A redirection of the output is `>` and a word. */
export interface ShellCommand {
  readonly words: readonly string[];
  /** The command runs whatever the commands before it in the same text return. */
  readonly isUnconditional: boolean;
}

const PIECE = /"((?:[^"\\]|\\[^])*)"|'([^']*)'|\\([^])|(&&|\|\||>{1,2}|[;|&\n])|(#[^\n]*)|([ \t]+)|([^\s"'\\;|&>]+)/g;
const SHELL = /(^|\/)(ba|da|k|z|a)?sh$/;

/** Splits a text as a shell does, as far as words, quotes and separators are concerned. `sh -c TEXT` is replaced by the commands of the text. */
export function shellCommands(text: string): readonly ShellCommand[] {
  return split(text).flatMap((command): readonly ShellCommand[] => {
    const { words } = command;
    const at = words.findIndex((word) => SHELL.test(word));
    const option = words.findIndex((word, index) => index > at && /^-\w*c$/.test(word));
    const inner = at === -1 || option === -1 ? undefined : words[option + 1];
    return inner === undefined ? [command] : shellCommands(inner);
  });
}

function split(text: string): readonly ShellCommand[] {
  const commands: ShellCommand[] = [];
  let words: string[] = [];
  let [word, isUnconditional]: [string | undefined, boolean] = [undefined, true];
  const endWord = (): void => {
    if (word !== undefined) words.push(word);
    word = undefined;
  };
  const endCommand = (separator: string): void => {
    endWord();
    if (words.length > 0) commands.push({ words, isUnconditional });
    words = [];
    isUnconditional = separator !== '&&' && separator !== '||' && separator !== '|';
  };
  // `| tee FILE` writes what the command prints.
  const joined = text.replace(/\|\s*(?:sudo\s+)?tee\s+(?:-a\s+)?/g, '> ');
  for (const [piece, double, single, escaped, operator, comment] of joined.matchAll(PIECE)) {
    const literal = double?.replace(/\\(["\\$`])/g, '$1') ?? single ?? escaped;
    if (comment !== undefined && word === undefined) continue;
    if (literal !== undefined) word = (word ?? '') + literal;
    else if (operator?.startsWith('>') === true) {
      endWord();
      words.push('>');
    } else if (operator !== undefined) endCommand(operator);
    else if (/^[ \t]/.test(piece)) endWord();
    else word = (word ?? '') + piece;
  }
  endCommand('');
  return commands;
}
