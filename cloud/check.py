"""Checks the policies for AWS with parliament, and creates all resources in moto, a simulated AWS.

Reads the resources that the program creates in AWS from standard input, as JSON of commands/environments/iam-documents.ts.
A finding of parliament fails the check, unless WAIVED lists it with a reason.
"""

import json
import logging
import sys

import boto3
import parliament
from moto.server import ThreadedMotoServer
from template import ACCOUNT, REGION, Template

WAIVED = {
    # parliament knows Amazon's own condition keys, but not GitHub's.
    ("UNKNOWN_CONDITION_FOR_ACTION", "token.actions.githubusercontent.com"),
    # New resources have no names yet, and metadata is no secret; the templates' own tests limit these statements.
    ("RESOURCE_STAR", ""),
}


def main() -> None:
    resources = json.load(sys.stdin)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        clients = Clients(f"http://{host}:{port}")
        documents = {**policies_of(resources), **create_templates(clients)}
        created = create(resources, clients)
    finally:
        server.stop()
    findings = [f"{title}: {finding}" for title, document in documents.items() for finding in lint(document)]
    for finding in findings:
        print(f"cloud/check: {finding}", file=sys.stderr)
    print(f"{len(documents)} policies checked, {created} resources created, {len(findings)} findings")
    sys.exit(1 if findings or not documents or not created else 0)


class Clients:
    """Clients of the simulated AWS, by service."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint

    def __getitem__(self, service: str):
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
        )


def policies_of(resources: list[dict]) -> dict[str, dict]:
    """Returns every policy in the inputs of resources, by a title."""
    return {
        f"{resource['stack']} {resource['name']} {field}": parsed(resource["inputs"][field])
        for resource in resources
        for field in ("policy", "assumeRolePolicy")
        if field in resource["inputs"] and "Statement" in resource["inputs"][field]
    }


def parsed(document: str | dict) -> dict:
    return json.loads(document) if isinstance(document, str) else document


def lint(document: dict) -> list[str]:
    """Returns parliament's findings, which expects a resource in each statement and knows no principals."""
    statements = [
        {key: value for key, value in {"Resource": "*", **statement}.items() if key != "Principal"}
        for statement in document["Statement"]
    ]
    policy = parliament.analyze_policy_string(
        json.dumps({**document, "Statement": statements}), ignore_private_auditors=True
    )
    return [
        f"{finding.issue}: {finding.detail} {json.dumps(finding.location, default=str)}"
        for finding in policy.findings
        if not any(finding.issue == issue and text in str(finding.detail) for issue, text in WAIVED)
    ]


def create(resources: list[dict], clients: Clients) -> int:
    """Creates repositories, roles and keys. Returns their number; raises an error if AWS would refuse one."""
    creators = {
        "aws Repository": create_repository,
        "aws RepositoryPolicy": lambda title, inputs, clients: clients["ecr"].set_repository_policy(
            repositoryName=inputs["repository"], policyText=json.dumps(parsed(inputs["policy"]))
        ),
        "aws LifecyclePolicy": lambda title, inputs, clients: clients["ecr"].put_lifecycle_policy(
            repositoryName=inputs["repository"], lifecyclePolicyText=json.dumps(parsed(inputs["policy"]))
        ),
        "aws Role": lambda title, inputs, clients: clients["iam"].create_role(
            RoleName=title,
            Path=inputs["path"],
            AssumeRolePolicyDocument=json.dumps(parsed(inputs["assumeRolePolicy"])),
        ),
        "aws Key": create_key,
    }
    created = 0
    for kind, creator in creators.items():
        for resource in resources:
            inputs = resource["inputs"]
            # moto lacks Data Lifecycle Manager, whose policies have no repository.
            if resource["kind"] == kind and (kind != "aws LifecyclePolicy" or "repository" in inputs):
                creator(f"{resource['stack']}-{resource['name']}", inputs, clients)
                created += 1
    return created


def create_repository(title: str, inputs: dict, clients: Clients) -> None:
    clients["ecr"].create_repository(
        repositoryName=inputs["name"],
        imageTagMutability=inputs["imageTagMutability"],
        imageTagMutabilityExclusionFilters=inputs["imageTagMutabilityExclusionFilters"],
        imageScanningConfiguration=inputs["imageScanningConfiguration"],
        encryptionConfiguration=inputs["encryptionConfigurations"][0],
    )


def create_key(title: str, inputs: dict, clients: Clients) -> None:
    key = clients["kms"].create_key(Description=inputs["description"], Policy=json.dumps(parsed(inputs["policy"])))
    if inputs["enableKeyRotation"]:
        clients["kms"].enable_key_rotation(KeyId=key["KeyMetadata"]["KeyId"])


def create_templates(clients: Clients) -> dict[str, dict]:
    """Creates the resources of the templates. Returns their policies, by a title.

    Each is created by its own API, because moto's CloudFormation lacks half of these resources.
    """
    state = Template("state.yaml", Accounts=[ACCOUNT], Owner="team")
    bucket, key = state.properties("Bucket"), state.properties("Key")
    name = bucket["BucketName"]
    clients["s3"].create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    clients["s3"].put_public_access_block(
        Bucket=name, PublicAccessBlockConfiguration=bucket["PublicAccessBlockConfiguration"]
    )
    clients["s3"].put_bucket_versioning(Bucket=name, VersioningConfiguration=bucket["VersioningConfiguration"])
    clients["kms"].create_key(Description=key["Description"], Policy=json.dumps(key["KeyPolicy"]))
    bucket_policy = state.properties("BucketPolicy")["PolicyDocument"]
    clients["s3"].put_bucket_policy(Bucket=name, Policy=json.dumps(bucket_policy))

    parameters = {"Repository": "team/app", "HostedZone": "Z1", "Provider": "", "Owner": "team"}
    parameters |= {"Environment": "prod", "PromotesFrom": "staging", "OtherStacks": "pr-*"}
    parameters |= {"StateBucket": name, "StateKey": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1"}
    deploy = Template("deploy-role.yaml", **parameters)
    iam = clients["iam"]
    provider, tags = deploy.properties("GitHub"), deploy.properties("ClusterTags")
    iam.create_open_id_connect_provider(Url=provider["Url"], ClientIDList=provider["ClientIdList"])
    iam.create_policy(
        PolicyName=tags["ManagedPolicyName"], Path=tags["Path"], PolicyDocument=json.dumps(tags["PolicyDocument"])
    )
    parameters["Provider"] = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"
    preview = Template("preview-role.yaml", **parameters)
    policies = {"state bucket": bucket_policy, "state key": key["KeyPolicy"], "cluster-tags": tags["PolicyDocument"]}
    return policies | create_role(deploy, iam) | create_role(preview, iam)


def create_role(template: Template, iam) -> dict[str, dict]:
    """Creates the role of a template with its policies. Returns these, by a title."""
    role = template.properties("Role")
    name, trust = role["RoleName"], role["AssumeRolePolicyDocument"]
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
    policies = {f"{name} trust": trust}
    for logical_id, resource in template.resources.items():
        if resource["Type"] == "AWS::IAM::RolePolicy":
            policy = template.properties(logical_id)
            title, document = policy["PolicyName"], policy["PolicyDocument"]
            iam.put_role_policy(RoleName=name, PolicyName=title, PolicyDocument=json.dumps(document))
            policies[f"{name} {title}"] = document
    return policies


if __name__ == "__main__":
    main()
