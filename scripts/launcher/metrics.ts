// Where matcher and writer serve their metrics: on the ports wished for, or on free ones where those are taken, as a
// second copy beside the first finds them.

import type { Environment } from './servers/environment.ts';
import { portTrouble, rememberedPorts } from './servers/ports.ts';

export type MetricsPorts = Environment['metricsPorts'];

export async function pickMetricsPorts(environment: Environment): Promise<MetricsPorts> {
  const { dataDir, host, port, metricsPorts } = environment;
  const remembered = rememberedPorts(dataDir);
  const pick = async (name: keyof MetricsPorts): Promise<number | null> => {
    const wished = metricsPorts[name];
    if (wished === null) return null;
    const isFree = wished !== 0 && wished !== port && (await portTrouble(wished, host)) === undefined;
    return isFree ? wished : remembered.pick(`${name} metrics`);
  };
  return { matcher: await pick('matcher'), writer: await pick('writer') };
}

/** As the processes read them. */
export function metricsEnv({ matcher, writer }: MetricsPorts): NodeJS.ProcessEnv {
  return { MATCHER_METRICS_PORT: String(matcher ?? 'off'), WRITER_METRICS_PORT: String(writer ?? 'off') };
}
