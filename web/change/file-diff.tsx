import type { JSX } from 'preact';
import type { ChangedFile } from '../api/answers.ts';

/** A boot file before and after, folded up. */
export function FileDiff({ file: { path, before, after } }: { readonly file: ChangedFile }): JSX.Element {
  return (
    <details class="file">
      <summary>
        <code>{path}</code> <span class="hint">{verbOf(before, after)}</span>
      </summary>
      <div class="file-texts">
        <Text name="before" text={before} />
        <Text name="after" text={after} />
      </div>
    </details>
  );
}

function Text({ name, text }: { readonly name: string; readonly text: string | null | undefined }): JSX.Element {
  return (
    <div>
      <p class="hint">{name}</p>
      {typeof text === 'string' ? (
        <pre tabIndex={0} aria-label={`Text ${name}`}>
          {text}
        </pre>
      ) : (
        <p class="quiet">{text === null ? 'no such file' : 'not known'}</p>
      )}
    </div>
  );
}

function verbOf(before: string | null, after: string | null | undefined): string {
  if (after === undefined) return '';
  if (after === before) return 'unchanged';
  if (before === null) return 'made';
  return after === null ? 'removed' : 'rewritten';
}
