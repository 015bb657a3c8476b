/** Steps are ones the service keeps, and few enough samples for a plot as wide as a screen. */
export const RANGES = [
  { name: '15 min', seconds: 900, stepSeconds: 10 },
  { name: '1 h', seconds: 3_600, stepSeconds: 10 },
  { name: '24 h', seconds: 86_400, stepSeconds: 60 },
  { name: '7 d', seconds: 604_800, stepSeconds: 600 },
] as const;
export type Range = (typeof RANGES)[number];
