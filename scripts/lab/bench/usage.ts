// What processes cost, as Linux tells it in /proc. Elsewhere every figure is zero.

import { readdirSync, readFileSync } from 'node:fs';

/** The kernel counts in these for every program, whatever its own tick is. */
const ticksPerSecond = 100;

type ProcessRow = { readonly pid: number; readonly parent: number; readonly ticks: number };

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // it ended meanwhile
  }
}

/** User and system time of a process and of the children that it has waited for. */
function rowOf(pid: number): ProcessRow {
  const stat = read(`/proc/${pid}/stat`);
  // The second field is the program's name in parentheses, and may itself hold spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = fields.slice(11, 15).reduce((sum, text) => sum + Number(text), 0);
  return { pid, parent: Number(fields[1]), ticks: ticks || 0 };
}

function allRows(): ProcessRow[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((name) => rowOf(Number(name)));
  } catch {
    return [];
  }
}

/** Processes with all that descends from them. */
function treeOf(roots: readonly number[], rows: readonly ProcessRow[]): ProcessRow[] {
  const tree = rows.filter(({ pid }) => roots.includes(pid));
  for (const row of tree) tree.push(...rows.filter(({ parent }) => parent === row.pid));
  return tree;
}

export function parentOf(pid: number): number {
  return rowOf(pid).parent;
}

/** A process, or several of a kind, by name. */
export type Roots = Readonly<Record<string, number | readonly number[]>>;

/** CPU seconds by name, each with its children, those that have ended included. */
export function cpuSeconds(roots: Roots): Record<string, number> {
  const rows = allRows();
  return mapValues(roots, (pids) => {
    const ticks = treeOf([pids].flat(), rows).reduce((sum, row) => sum + row.ticks, 0);
    return ticks / ticksPerSecond;
  });
}

function kilobytes(status: string, field: string): number {
  const [, text] = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status) ?? [];
  return Number(text ?? 0);
}

/** Megabytes by name now. What processes share is counted once: the largest share among them. */
export function memoryMegabytes(roots: Roots): Record<string, number> {
  const rows = allRows();
  return mapValues(roots, (pids) => {
    const statuses = treeOf([pids].flat(), rows).map((row) => read(`/proc/${row.pid}/status`));
    const own = statuses.reduce((sum, status) => sum + kilobytes(status, 'RssAnon'), 0);
    const shared = Math.max(...statuses.map((s) => kilobytes(s, 'RssShmem') + kilobytes(s, 'RssFile')), 0);
    return Math.round((own + shared) / 1_024);
  });
}

export function mapValues<V, T>(
  values: Readonly<Record<string, V>>,
  map: (value: V, name: string) => T,
): Record<string, T> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, map(value, name)]));
}

/** The process and all that descend from it. */
export function processTree(root: number): number[] {
  return treeOf([root], allRows()).map(({ pid }) => pid);
}
