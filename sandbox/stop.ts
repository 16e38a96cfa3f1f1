import { controlPlane } from "./control-plane.ts";
import { stopContainers, sweep } from "./leftovers.ts";
import { imageServices, nodeServices } from "./node-services.ts";
import { stopService } from "./services.ts";

/** Ends every process of this sandbox, its containers first, and releases their mounts. */
export async function stop(): Promise<void> {
  // The kubelet first: it would restart the containers.
  await stopService("kubelet");
  await stopContainers();
  await Promise.all([...imageServices(), ...nodeServices()].map((service) => stopService(service.name)));
  for (const service of controlPlane().reverse()) await stopService(service.name);
  await sweep();
}
