import { type ServerWritableStream, status } from '@grpc/grpc-js';
import { singleFlight } from '../../core/single-flight.ts';
import type { Api } from '../api.ts';
import { assertReady } from '../system/ready.ts';
import type { Calls } from './calls.ts';
import {
  type HealthCheckRequest,
  type HealthCheckResponse,
  type HealthServer,
  HealthCheckResponse_ServingStatus as ServingStatus,
} from './generated/grpc/health/v1/health.ts';
import type { OpenCalls } from './open-calls.ts';

const lookEveryMs = 1_000;
/** The server as a whole, and its one service. */
const services = new Set(['', 'cardstock.v1.Exchange']);

/** Serving is what `/health/ready` calls ready. */
export function healthCalls(api: Api, calls: Calls, openCalls: OpenCalls): HealthServer {
  const look = singleFlight(async (): Promise<HealthCheckResponse> => {
    const isReady = await assertReady(api).then(
      () => true,
      () => false,
    );
    return { status: isReady ? ServingStatus.SERVING : ServingStatus.NOT_SERVING };
  });
  const watch = (call: ServerWritableStream<HealthCheckRequest, HealthCheckResponse>): void => {
    const asking = calls.begin(call);
    const open = openCalls.enter(call, (error) => call.emit('error', asking.failed(error)));
    let told: number | null = null;
    const tell = async (): Promise<void> => {
      const health = services.has(call.request.service)
        ? await look()
        : { status: ServingStatus.SERVICE_UNKNOWN };
      if (health.status === told || openCalls.isClosing() || call.cancelled) return;
      told = health.status;
      call.write(health);
    };
    void tell();
    const looking = setInterval(tell, lookEveryMs);
    open.onEnd(() => clearInterval(looking));
  };
  return {
    check: async ({ request }, callback) => {
      if (services.has(request.service)) callback(null, await look());
      else callback({ code: status.NOT_FOUND, details: 'unknown service' });
    },
    watch,
  };
}
