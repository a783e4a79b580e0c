/** What a scrape answered, in the text format of Prometheus. */
export type Scraped = {
  /** The value of the sample with this name and at least these labels. Undefined if there is none; throws if there are several. */
  readonly value: (name: string, labels?: Record<string, string>) => number | undefined;
  /** The type of each metric. */
  readonly types: ReadonlyMap<string, string>;
  /** The values that a label has in the samples of this name. */
  readonly labelled: (name: string, label: string) => Set<string | undefined>;
};

type Sample = { readonly name: string; readonly labels: Record<string, string>; readonly value: number };

export async function scrape(baseUrl: string): Promise<Scraped> {
  const answer = await fetch(`${baseUrl}/metrics`, { headers: { connection: 'close' } });
  const text = await answer.text();
  if (answer.status !== 200) throw new Error(`${baseUrl} answers ${answer.status}: ${text}`);
  const type = answer.headers.get('content-type');
  if (type !== 'text/plain; version=0.0.4; charset=utf-8') throw new Error(`content type ${type}`);
  const { samples, types } = readText(text);
  const named = (name: string): Sample[] => samples.filter((sample) => sample.name === name);
  return {
    types,
    value: (name, labels = {}) => {
      const found = named(name).filter((sample) =>
        Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
      );
      if (found.length > 1) throw new Error(`${found.length} samples of ${name} ${JSON.stringify(labels)}`);
      return found[0]?.value;
    },
    labelled: (name, label) => new Set(named(name).map(({ labels }) => labels[label])),
  };
}

/** Throws if a line is none of the format, a sample's metric was not described, or a sample stands twice. */
function readText(text: string): { samples: Sample[]; types: Map<string, string> } {
  const samples = new Map<string, Sample>();
  const types = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, name, type] = /^# TYPE (\S+) (counter|gauge|histogram|summary)$/.exec(line) ?? [];
    if (name && types.has(name)) throw new Error(`${name} is described twice`);
    if (name) types.set(name, type!);
    if (line === '' || line.startsWith('# ')) continue;
    const sample = readSample(line);
    const family = sample.name.replace(/_(bucket|sum|count)$/, '');
    if (!types.has(sample.name) && !types.has(family)) throw new Error(`not described: ${line}`);
    const key = line.slice(0, line.lastIndexOf(' '));
    if (samples.has(key)) throw new Error(`twice: ${line}`);
    samples.set(key, sample);
  }
  return { samples: [...samples.values()], types };
}

function readSample(line: string): Sample {
  const [, name, labels, value] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
  if (name === undefined) throw new Error(`no sample: ${line}`);
  const pairs = [...(labels ?? '').matchAll(/(\w+)="((?:[^"\\]|\\.)*)"(?:,|$)/g)];
  if (pairs.map(([pair]) => pair).join('') !== (labels ?? '')) throw new Error(`labels: ${line}`);
  return {
    name,
    labels: Object.fromEntries(pairs.map(([, label, text]) => [label, text])),
    value: Number(value),
  };
}
