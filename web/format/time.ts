const DAY_SECONDS = 86_400;
const TIME = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const DAY_AND_TIME = new Intl.DateTimeFormat('en-GB', {
  day: '2-digit',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});

/** The two largest parts: `5 d`, `2 h 4 min`. */
export function duration(seconds: number): string {
  const parts = [
    [Math.floor(seconds / DAY_SECONDS), 'd'],
    [Math.floor((seconds % DAY_SECONDS) / 3600), 'h'],
    [Math.floor((seconds % 3600) / 60), 'min'],
    [Math.floor(seconds % 60), 's'],
  ] as const;
  const first = parts.findIndex(([amount]) => amount > 0);
  if (first === -1) return '0 s';
  return parts
    .slice(first, first + 2)
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${String(amount)} ${unit}`)
    .join(' ');
}

/** As minutes and seconds, with hours if needed: `1:05`, `1:00:00`. */
export function countdown(milliseconds: number): string {
  const left = Math.max(0, Math.ceil(milliseconds / 1000));
  const two = (part: number): string => String(part).padStart(2, '0');
  const hours = Math.floor(left / 3600);
  const minutes = Math.floor((left % 3600) / 60);
  return hours > 0 ? `${String(hours)}:${two(minutes)}:${two(left % 60)}` : `${String(minutes)}:${two(left % 60)}`;
}

/** In the time zone of the browser, with the date unless it is that of `now`. */
export function dateTime(at: Date, now: Date): string {
  return (at.toDateString() === now.toDateString() ? TIME : DAY_AND_TIME).format(at);
}

export function clockTime(at: Date): string {
  return TIME.format(at);
}
