import { bytes } from "../../settings/quantity.ts";

/**
 * PostgreSQL arguments for a container's memory: a quarter for shared buffers, half expected as the kernel's cache
 * (https://www.postgresql.org/docs/current/runtime-config-resource.html#GUC-SHARED-BUFFERS).
 *
 * @param memory a Kubernetes quantity, as in `256Mi`
 */
export function memorySettings(memory: string): string[] {
  const megabytes = Math.floor(bytes(memory) / 2 ** 20);
  return [
    "-c",
    `shared_buffers=${Math.floor(megabytes / 4)}MB`,
    "-c",
    `effective_cache_size=${Math.floor(megabytes / 2)}MB`,
  ];
}
