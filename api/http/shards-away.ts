export const shardsAwayHeader = 'Cardstock-Shards-Away';
