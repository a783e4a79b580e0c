// Where matcher and writer serve their metrics, and the api gRPC: on the ports wished for, or on free ones where those are
// taken, as a second copy beside the first finds them.

import type { Environment } from './servers/environment.ts';
import { portTrouble, rememberedPorts } from './servers/ports.ts';

export type MetricsPorts = Environment['metricsPorts'];

export async function pickMetricsPorts(environment: Environment): Promise<MetricsPorts> {
  const { matcher, writer } = environment.metricsPorts;
  return {
    matcher: await pickPort(environment, 'matcher metrics', matcher),
    writer: await pickPort(environment, 'writer metrics', writer),
  };
}

export function pickGrpcPort(environment: Environment): Promise<number | null> {
  return pickPort(environment, 'grpc', environment.grpcPort);
}

async function pickPort(
  { dataDir, host, port }: Environment,
  name: string,
  wished: number | null,
): Promise<number | null> {
  if (wished === null) return null;
  const isFree = wished !== 0 && wished !== port && (await portTrouble(wished, host)) === undefined;
  return isFree ? wished : rememberedPorts(dataDir).pick(name);
}

/** As the processes read them. */
export function metricsEnv({ matcher, writer }: MetricsPorts): NodeJS.ProcessEnv {
  return { MATCHER_METRICS_PORT: String(matcher ?? 'off'), WRITER_METRICS_PORT: String(writer ?? 'off') };
}
