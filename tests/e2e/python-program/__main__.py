"""A program of another team: one application and its database, in a namespace of that team's own."""

import pulumi
import pulumi_kubernetes as kubernetes
import pulumi_slipway as slipway

config = pulumi.Config()
cluster = kubernetes.Provider("cluster", context="slipway-sandbox", enable_config_map_mutable=True)
namespace = kubernetes.core.v1.Namespace(
    "team",
    metadata={"name": config.require("namespace")},
    opts=pulumi.ResourceOptions(provider=cluster),
)
in_cluster = pulumi.ResourceOptions(providers=[cluster])

release = slipway.Release(
    "app",
    repository="localhost:5000/python-program",
    build=slipway.ReleaseBuildArgs(context="second-app"),
)
database = slipway.Database(
    "database",
    namespace=namespace.metadata.name,
    image="postgres:17",
    password=config.require_secret("password"),
    storage="1Gi",
    opts=in_cluster,
)
web = slipway.WebApp(
    "web",
    namespace=namespace.metadata.name,
    image=release.image,
    port=8080,
    replicas=1,
    probes=slipway.WebAppProbesArgs(live="/index.html", ready="/index.html"),
    environment={"GREETER": "Python"},
    secrets={"TOKEN": config.require_secret("token")},
    database=database,
    node_port=30096,
    opts=in_cluster,
)

pulumi.export("url", web.url)
pulumi.export("claim", database.claim)
pulumi.export("host", database.connection.host)
