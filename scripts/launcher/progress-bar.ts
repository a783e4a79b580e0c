// A progress bar on a terminal, a line now and then elsewhere.

export type ProgressBar = { readonly show: (done: number, text: string) => void; readonly end: () => void };

const width = 30;
const lineEveryMs = 5_000;

export function createProgressBar(total: number): ProgressBar {
  const { stderr } = process;
  let saidAt = performance.now();
  return {
    show: (done, text) => {
      const share = Math.min(done / total, 1);
      if (stderr.isTTY) {
        const filled = Math.round(share * width);
        const bar = '█'.repeat(filled) + '░'.repeat(width - filled);
        stderr.write(`\r${bar} ${(share * 100).toFixed(0).padStart(3)} %  ${text}\u001b[K`);
      } else if (performance.now() - saidAt > lineEveryMs) {
        saidAt = performance.now();
        stderr.write(`${(share * 100).toFixed(0)} %  ${text}\n`);
      }
    },
    end: () => {
      if (stderr.isTTY) stderr.write('\r\u001b[K');
    },
  };
}
