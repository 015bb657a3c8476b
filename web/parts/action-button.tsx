import type { ComponentChildren, JSX } from 'preact';
import { useId } from 'preact/hooks';

interface ActionButtonProps {
  readonly onAct: () => void;
  /** Why the action is unavailable. The button stays focusable, so that screen readers can announce the reason. */
  readonly whyNot?: string | undefined;
  readonly isPrimary?: boolean;
  readonly isBusy?: boolean;
  readonly isSmall?: boolean;
  readonly label?: string;
  readonly children: ComponentChildren;
}

export function ActionButton({ onAct, whyNot, isPrimary, isBusy = false, isSmall, label, children }: ActionButtonProps): JSX.Element {
  const reason = useId();
  const isOff = isBusy || whyNot !== undefined;
  return (
    <span class="action" title={whyNot}>
      <button
        type="button"
        class={`${isPrimary ? 'primary' : ''} ${isSmall ? 'small' : ''}`}
        aria-disabled={isOff}
        aria-label={label}
        aria-describedby={whyNot === undefined ? undefined : reason}
        onClick={() => {
          if (!isOff) onAct();
        }}
      >
        {children}
      </button>
      {whyNot !== undefined && (
        <span class="why-not" id={reason}>
          {whyNot}
        </span>
      )}
    </span>
  );
}
