import type { ServiceDefinition } from '@grpc/grpc-js';
import { BadRequest } from '../errors.ts';

/**
 * The service, with messages that cannot be read, or say a number or a time beyond what there is, handed to its methods as the
 * refusal that they are: grpc-js would call them a fault of the server.
 */
export function readingAll<Service extends ServiceDefinition>(service: Service): Service {
  const methods = Object.entries(service).map(([name, method]) => {
    const requestDeserialize = (bytes: Buffer): unknown => {
      try {
        return method.requestDeserialize(bytes);
      } catch (error) {
        return new BadRequest(`Malformed message: ${(error as Error).message}`);
      }
    };
    return [name, { ...method, requestDeserialize }];
  });
  return Object.fromEntries(methods);
}

/** Throws what a message could not be read for. */
export function assertRead(message: unknown): void {
  if (message instanceof BadRequest) throw message;
}
