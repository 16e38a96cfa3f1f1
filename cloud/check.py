"""Has the policies of AWS judged by parliament, and everything accepted by moto's stand-in for AWS.

Reads what the program makes in AWS as JSON (commands/environments/iam-documents.ts) from standard input. What parliament says against a policy of
ours stands unless WAIVED has it, with a reason.
"""

import json
import logging
import re
import sys
from pathlib import Path

import boto3
import parliament
import yaml
from moto.server import ThreadedMotoServer

HERE = Path(__file__).parent
ACCOUNT = "123456789012"  # moto's own
REGION = "eu-north-1"
WAIVED = {
    # It knows what Amazon asks of an identity provider, not what GitHub tells.
    ("UNKNOWN_CONDITION_FOR_ACTION", "token.actions.githubusercontent.com"),
    # What is made anew has no name yet, and what is only looked at is no secret; the templates' own test says which.
    ("RESOURCE_STAR", ""),
}


def main() -> None:
    made = json.load(sys.stdin)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        clients = Clients(f"http://{host}:{port}")
        templates = accept_templates(clients)
        accepted = accept(made, clients)
    finally:
        server.stop()
    documents = [*policies_of(made), *templates.items()]
    findings = [f"{where}: {said}" for where, document in documents for said in judged(document)]
    for finding in findings:
        print(f"cloud/check: {finding}", file=sys.stderr)
    print(f"{len(documents)} policies judged, {accepted} resources accepted, {len(findings)} findings")
    sys.exit(1 if findings or not documents or not accepted else 0)


class Clients:
    """Clients of the stand-in, by the service's name."""

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


def policies_of(made: list[dict]) -> list[tuple[str, dict]]:
    """Every policy in the inputs of what the program makes, with where it stands."""
    return [
        (f"{one['stack']} {one['name']} {field}", parsed(one["inputs"][field]))
        for one in made
        for field in ("policy", "assumeRolePolicy")
        if field in one["inputs"] and "Statement" in one["inputs"][field]
    ]


def parsed(document: str | dict) -> dict:
    return json.loads(document) if isinstance(document, str) else document


def judged(document: dict) -> list[str]:
    """What parliament says of a policy. A policy of a resource, or of who may take a role, names no resource or a principal."""
    statements = [
        {key: value for key, value in {"Resource": "*", **statement}.items() if key != "Principal"}
        for statement in document["Statement"]
    ]
    said = parliament.analyze_policy_string(json.dumps({**document, "Statement": statements}), ignore_private_auditors=True)
    return [
        f"{finding.issue}: {finding.detail} {json.dumps(finding.location, default=str)}"
        for finding in said.findings
        if not any(finding.issue == issue and text in str(finding.detail) for issue, text in WAIVED)
    ]


def accept(made: list[dict], clients: Clients) -> int:
    """Makes roles, keys and repositories as AWS would, stack by stack; how many. Raises what AWS would refuse."""
    makers = {
        "aws Repository": make_repository,
        "aws RepositoryPolicy": put_repository_policy,
        "aws LifecyclePolicy": put_lifecycle_policy,
        "aws Role": make_role,
        "aws Key": make_key,
    }
    order = list(makers)
    wanted = sorted((one for one in made if one["kind"] in makers), key=lambda one: order.index(one["kind"]))
    return sum(makers[one["kind"]](one["stack"], one["name"], one["inputs"], clients) for one in wanted)


def make_repository(stack: str, name: str, inputs: dict, clients: Clients) -> int:
    clients["ecr"].create_repository(
        repositoryName=inputs["name"],
        imageTagMutability=inputs["imageTagMutability"],
        imageTagMutabilityExclusionFilters=inputs["imageTagMutabilityExclusionFilters"],
        imageScanningConfiguration=inputs["imageScanningConfiguration"],
        encryptionConfiguration=inputs["encryptionConfigurations"][0],
    )
    return 1


def put_repository_policy(stack: str, name: str, inputs: dict, clients: Clients) -> int:
    text = json.dumps(parsed(inputs["policy"]))
    clients["ecr"].set_repository_policy(repositoryName=inputs["repository"], policyText=text)
    return 1


def put_lifecycle_policy(stack: str, name: str, inputs: dict, clients: Clients) -> int:
    if "repository" not in inputs:  # the one of Data Lifecycle Manager, which moto does not have
        return 0
    text = json.dumps(parsed(inputs["policy"]))
    clients["ecr"].put_lifecycle_policy(repositoryName=inputs["repository"], lifecyclePolicyText=text)
    return 1


def make_role(stack: str, name: str, inputs: dict, clients: Clients) -> int:
    trust = json.dumps(parsed(inputs["assumeRolePolicy"]))
    clients["iam"].create_role(RoleName=f"{stack}-{name}", Path=inputs["path"], AssumeRolePolicyDocument=trust)
    return 1


def make_key(stack: str, name: str, inputs: dict, clients: Clients) -> int:
    key = clients["kms"].create_key(Description=inputs["description"], Policy=json.dumps(parsed(inputs["policy"])))
    key_id = key["KeyMetadata"]["KeyId"]
    if inputs["enableKeyRotation"]:
        clients["kms"].enable_key_rotation(KeyId=key_id)
    return 1


def accept_templates(clients: Clients) -> dict[str, dict]:
    """Makes what the templates describe; their policies, with every reference resolved, by name.

    moto's CloudFormation lacks half of these resources, so each is made by its own API; cfn-lint has judged the templates.
    """
    state = Template("state.yaml", Accounts=[ACCOUNT], Owner="team")
    bucket, key = state.properties("Bucket"), state.properties("Key")
    clients["s3"].create_bucket(
        Bucket=bucket["BucketName"], CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    clients["s3"].put_public_access_block(
        Bucket=bucket["BucketName"], PublicAccessBlockConfiguration=bucket["PublicAccessBlockConfiguration"]
    )
    clients["s3"].put_bucket_versioning(
        Bucket=bucket["BucketName"], VersioningConfiguration=bucket["VersioningConfiguration"]
    )
    clients["kms"].create_key(Description=key["Description"], Policy=json.dumps(key["KeyPolicy"]))
    bucket_policy = state.properties("BucketPolicy")["PolicyDocument"]
    clients["s3"].put_bucket_policy(Bucket=bucket["BucketName"], Policy=json.dumps(bucket_policy))
    found = {"state bucket": bucket_policy, "state key": key["KeyPolicy"]}

    given = {"Repository": "team/app", "HostedZone": "Z1", "Provider": "", "Owner": "team"}
    given |= {"Environment": "prod", "PromotesFrom": "staging", "OtherStacks": "pr-*"}
    arn = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1"
    template = Template("deploy-role.yaml", StateBucket=bucket["BucketName"], StateKey=arn, **given)
    iam = clients["iam"]
    provider, role, tags = (template.properties(name) for name in ("GitHub", "Role", "ClusterTags"))
    iam.create_open_id_connect_provider(Url=provider["Url"], ClientIDList=provider["ClientIdList"])
    trust = role["AssumeRolePolicyDocument"]
    iam.create_role(RoleName=role["RoleName"], AssumeRolePolicyDocument=json.dumps(trust))
    iam.create_policy(
        PolicyName=tags["ManagedPolicyName"], Path=tags["Path"], PolicyDocument=json.dumps(tags["PolicyDocument"])
    )
    found |= {"slipway-deploy trust": trust, "cluster-tags": tags["PolicyDocument"]}
    found |= put_role_policies(template, role, iam)

    known = {**given, "PromotesFrom": "staging", "Provider": f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"}
    preview = Template("preview-role.yaml", StateBucket=bucket["BucketName"], StateKey=arn, **known)
    role = preview.properties("Role")
    trust = role["AssumeRolePolicyDocument"]
    iam.create_role(RoleName=role["RoleName"], AssumeRolePolicyDocument=json.dumps(trust))
    return found | {"slipway-preview trust": trust} | put_role_policies(preview, role, iam)


def put_role_policies(template: "Template", role: dict, iam) -> dict[str, dict]:
    """Gives a role the policies that its template has for it; by name."""
    found = {}
    for name, resource in template.resources.items():
        if resource["Type"] != "AWS::IAM::RolePolicy":
            continue
        policy = template.properties(name)
        document = policy["PolicyDocument"]
        iam.put_role_policy(
            RoleName=role["RoleName"], PolicyName=policy["PolicyName"], PolicyDocument=json.dumps(document)
        )
        found[f"{role['RoleName']} {policy['PolicyName']}"] = document
    return found


class Template:
    """A template with its parameters, as CloudFormation would resolve it: Ref, Fn::Sub, Fn::GetAtt and Fn::If."""

    def __init__(self, file: str, **parameters: object) -> None:
        self.resources = yaml.safe_load((HERE / file).read_text())["Resources"]
        self.values = {**parameters, "AWS::AccountId": ACCOUNT, "AWS::Region": REGION}

    def properties(self, resource: str) -> dict:
        return self.resolved(self.resources[resource]["Properties"])

    def resolved(self, node: object) -> object:
        match node:
            case {"Ref": name}:
                is_policy = self.resources.get(name, {}).get("Type") == "AWS::IAM::ManagedPolicy"
                return self.arn(name) if is_policy else self.values.get(name, name)
            case {"Fn::GetAtt": [name, _]}:
                return self.arn(name)
            case {"Fn::If": [_, then, _]}:
                return self.resolved(then)
            case {"Fn::Sub": text}:
                return re.sub(r"\$\{([^}]+)\}", lambda found: self.named(found[1]), text)
            case dict():
                return {key: self.resolved(value) for key, value in node.items()}
            case list():
                return [self.resolved(value) for value in node]
        return node

    def named(self, reference: str) -> str:
        return self.arn(reference[:-4]) if reference.endswith(".Arn") else str(self.values[reference])

    def arn(self, resource: str) -> str:
        properties = self.resources[resource]["Properties"]
        match self.resources[resource]["Type"]:
            case "AWS::S3::Bucket":
                return f"arn:aws:s3:::{self.resolved(properties['BucketName'])}"
            case "AWS::IAM::ManagedPolicy":
                return f"arn:aws:iam::{ACCOUNT}:policy{properties['Path']}{properties['ManagedPolicyName']}"
            case "AWS::IAM::OIDCProvider":
                return f"arn:aws:iam::{ACCOUNT}:oidc-provider/{properties['Url'].removeprefix('https://')}"
        return f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{resource}"


if __name__ == "__main__":
    main()
