import type { JSX } from 'preact';

export type Tone = 'neutral' | 'good' | 'information' | 'warning' | 'error';

export function Badge({ tone, children }: { readonly tone: Tone; readonly children: string }): JSX.Element {
  return <span class={`badge ${tone}`}>{children}</span>;
}

export function toneOfLevel(level: string): Tone {
  switch (level) {
    case 'error':
    case 'critical':
    case 'refused':
      return 'error';
    case 'warning':
    case 'acknowledge':
      return 'warning';
    default:
      return 'information';
  }
}

export function toneOfOutcome(outcome: string): Tone {
  switch (outcome) {
    case 'applied':
    case 'recovered-applied':
      return 'good';
    case 'adjusted':
    case 'pending':
    case 'recovered-unchanged':
      return 'information';
    case 'diverged':
      return 'warning';
    default:
      return 'error';
  }
}
