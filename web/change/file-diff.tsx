import type { JSX } from 'preact';
import type { ChangedFile } from '../api/documents.ts';

/** A boot file before and after the change, collapsed. */
export function FileDiff({ file: { path, before, after } }: { readonly file: ChangedFile }): JSX.Element {
  return (
    <details class="file">
      <summary>
        <code>{path}</code> <span class="hint">{effectOf(before, after)}</span>
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
        <pre tabIndex={0} aria-label={`Content ${name}`}>
          {text}
        </pre>
      ) : (
        <p class="quiet">{text === null ? 'no such file' : 'unknown'}</p>
      )}
    </div>
  );
}

function effectOf(before: string | null, after: string | null | undefined): string {
  if (after === undefined) return '';
  if (after === before) return 'unchanged';
  if (before === null) return 'created';
  return after === null ? 'removed' : 'replaced';
}
