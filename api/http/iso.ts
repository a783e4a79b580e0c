export const iso = (time: number): string => new Date(time).toISOString();
