"""CloudFormation templates, resolved for the simulated AWS."""

import re
from pathlib import Path

import yaml

ACCOUNT = "123456789012"  # moto's own
REGION = "eu-north-1"


class Template:
    """CloudFormation template with parameters. Resolves Ref, Fn::Sub, Fn::GetAtt and Fn::If."""

    def __init__(self, file: str, **parameters: object) -> None:
        self.resources = yaml.safe_load((Path(__file__).parent / file).read_text())["Resources"]
        self.values = {**parameters, "AWS::AccountId": ACCOUNT, "AWS::Region": REGION}

    def properties(self, logical_id: str) -> dict:
        return self.resolve(self.resources[logical_id]["Properties"])

    def resolve(self, node: object) -> object:
        match node:
            case {"Ref": name}:
                is_policy = self.resources.get(name, {}).get("Type") == "AWS::IAM::ManagedPolicy"
                return self.arn(name) if is_policy else self.values.get(name, name)
            case {"Fn::GetAtt": [name, _]}:
                return self.arn(name)
            case {"Fn::If": [_, then, _]}:
                return self.resolve(then)
            case {"Fn::Sub": text}:
                return re.sub(r"\$\{([^}]+)\}", lambda match: self.substitute(match[1]), text)
            case dict():
                return {key: self.resolve(value) for key, value in node.items()}
            case list():
                return [self.resolve(value) for value in node]
        return node

    def substitute(self, reference: str) -> str:
        return self.arn(reference[:-4]) if reference.endswith(".Arn") else str(self.values[reference])

    def arn(self, logical_id: str) -> str:
        properties = self.resources[logical_id]["Properties"]
        match self.resources[logical_id]["Type"]:
            case "AWS::S3::Bucket":
                return f"arn:aws:s3:::{self.resolve(properties['BucketName'])}"
            case "AWS::IAM::ManagedPolicy":
                return f"arn:aws:iam::{ACCOUNT}:policy{properties['Path']}{properties['ManagedPolicyName']}"
            case "AWS::IAM::OIDCProvider":
                return f"arn:aws:iam::{ACCOUNT}:oidc-provider/{properties['Url'].removeprefix('https://')}"
        return f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{logical_id}"
