// How far something long has come: one line that is written over on a terminal, a line now and then elsewhere.

export type Progress = { readonly show: (what: string, count: number) => void; readonly end: () => void };

const lineEveryMs = 5_000;

export function createProgress(): Progress {
  const { stderr } = process;
  let saidAt = performance.now();
  return {
    show: (what, count) => {
      const text = `${count.toLocaleString('en')} ${what}`;
      if (stderr.isTTY) stderr.write(`\r${text}\u001b[K`);
      else if (performance.now() - saidAt > lineEveryMs) {
        saidAt = performance.now();
        stderr.write(`${text}\n`);
      }
    },
    end: () => {
      if (stderr.isTTY) stderr.write('\r\u001b[K');
    },
  };
}
