"""Simulated AWS with the resources of cloud/state.yaml: prints where they are, and runs until its input ends."""

import json
import logging
import sys

from moto.server import ThreadedMotoServer

sys.path.insert(0, "cloud")
from check import Clients, create_templates  # noqa: E402

logging.getLogger("werkzeug").setLevel(logging.ERROR)
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
endpoint = "http://{}:{}".format(*server.get_host_and_port())
clients = Clients(endpoint)
create_templates(clients)
[bucket] = clients["s3"].list_buckets()["Buckets"]
# The simulation ignores the conditions of a policy, and would refuse everything as unencrypted.
clients["s3"].delete_bucket_policy(Bucket=bucket["Name"])
[key] = clients["kms"].list_keys()["Keys"]
print(json.dumps({"endpoint": endpoint, "bucket": bucket["Name"], "key": key["KeyArn"]}), flush=True)
sys.stdin.read()
server.stop()
