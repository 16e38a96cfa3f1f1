import type { CoreV1Event } from "@kubernetes/client-node";

/** Time at which an event was last seen; clients write it into different fields. */
export const lastSeen = (event: CoreV1Event): Date =>
  new Date(event.lastTimestamp ?? event.series?.lastObservedTime ?? event.eventTime ?? event.firstTimestamp ?? 0);
