import type { JSX } from 'preact';
import type { Table } from '../api/documents.ts';

type Fullness = 'calm' | 'busy' | 'full';

const RADIUS = 84;
const LENGTH = Math.PI * RADIUS;
const ARC = `M 16 100 A ${String(RADIUS)} ${String(RADIUS)} 0 0 1 184 100`;

interface GaugeProps {
  /** 0 to 1; absent when unknown. */
  readonly share: number | undefined;
  readonly level: Fullness;
  readonly text: string;
}

export function Gauge({ share, level, text }: GaugeProps): JSX.Element {
  const filled = Math.min(1, share ?? 0) * LENGTH;
  const known =
    share === undefined ? {} : { 'aria-valuenow': Math.round(Math.min(1, share) * 100), 'aria-valuemin': 0, 'aria-valuemax': 100 };
  return (
    <div class={`gauge ${level}`} role="meter" aria-label="count of max" aria-valuetext={text} {...known}>
      <svg viewBox="0 0 200 108" aria-hidden="true">
        <path class="gauge-track" d={ARC} />
        <path class="gauge-value" d={ARC} stroke-dasharray={`${filled.toFixed(2)} ${LENGTH.toFixed(2)}`} />
      </svg>
      <p class="gauge-text">{text}</p>
      <p class="gauge-caption">of max in use</p>
    </div>
  );
}

/** New flows are dropped at 100 %; an operator should act from 75 % on. */
export function fullness(table: Pick<Table, 'utilisation'> | undefined): Fullness {
  const share = table?.utilisation ?? 0;
  if (share >= 0.9) return 'full';
  return share >= 0.75 ? 'busy' : 'calm';
}
