"""Health, as Kubernetes asks for it: whether the process lives, and whether it can do its work now."""

import anyio
from anyio import to_thread
from fastapi import APIRouter, Response

from noticeboard.database import READY_TIMEOUT, Database, NotReady


def health_routes(database: Database) -> APIRouter:
    """Return /health/live, which touches nothing, and /health/ready, which asks the database and never takes long."""
    routes = APIRouter(prefix="/health")
    # Not from the pool that serves requests: however busy that is, and however stuck a check, probes are answered.
    limiter = anyio.CapacityLimiter(1)

    @routes.get("/live")
    async def live() -> dict[str, str]:
        return {"status": "live"}

    @routes.get("/ready")
    async def ready(response: Response) -> dict[str, str]:
        try:
            with anyio.fail_after(READY_TIMEOUT):
                await to_thread.run_sync(database.check, abandon_on_cancel=True, limiter=limiter)
        except (NotReady, TimeoutError) as error:
            response.status_code = 503
            reason = str(error) or f"the database did not answer within {READY_TIMEOUT} s"
            return {"status": "unready", "reason": reason}
        return {"status": "ready"}

    return routes
