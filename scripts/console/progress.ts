// How far something long has come: a bar on a terminal, a line now and then elsewhere.

/** Without a share there is only the text. */
export type Show = (share: number | null, text: string) => void;

const width = 30;
const lineEveryMs = 5_000;

/** Shows how far `work` says that it is, until it ends. */
export async function withProgress<T>(work: (show: Show) => Promise<T>): Promise<T> {
  const { stderr } = process;
  let saidAt = performance.now();
  const show: Show = (share, text) => {
    if (stderr.isTTY) stderr.write(`\r${barOf(share)}${text}\u001b[K`);
    else if (performance.now() - saidAt > lineEveryMs) {
      saidAt = performance.now();
      stderr.write(`${percentOf(share)}${text}\n`);
    }
  };
  try {
    return await work(show);
  } finally {
    if (stderr.isTTY) stderr.write('\r\u001b[K');
  }
}

function percentOf(share: number | null): string {
  return share === null ? '' : `${(Math.min(share, 1) * 100).toFixed(0).padStart(3)} %  `;
}

function barOf(share: number | null): string {
  if (share === null) return '';
  const filled = Math.round(Math.min(share, 1) * width);
  return `${'█'.repeat(filled)}${'░'.repeat(width - filled)} ${percentOf(share)}`;
}
