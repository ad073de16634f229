"""Writes what CloudFormation would get of template.yaml, for each way of deploying it: conditions decided, SAM expanded.

cfn-lint reads both branches of a condition with whatever parameters have as defaults, and sees no events. What this writes has one
branch, one set of values and plain resources. The template's rules are decided too: ways that must be refused are, and say why.
"""

import json
import logging
import pathlib
import sys

from samcli.yamlhelper import yaml_parse
from samtranslator.translator.transform import transform

# The translator counts what it translates, and says that nobody fetched the count.
logging.getLogger("samtranslator").setLevel(logging.ERROR)

ARN = "arn:aws:{}:eu-central-1:111122223333:{}".format
SECRET = ARN("secretsmanager", "secret:AmazonMSK_whenever-a1b2c3")
CA = ARN("secretsmanager", "secret:whenever-ca-a1b2c3")
KEY = ARN("kms", "key/00000000-1111-2222-3333-444444444444")
CLUSTER = ARN("kafka", "cluster/whenever/00000000-1111-2222-3333-444444444444-5")
BROKERS = {"KafkaBootstrapServers": "one.example.com:9092,two.example.com:9092"}
VPC = {"SubnetIds": "subnet-00000001,subnet-00000002", "SecurityGroupIds": "sg-00000001"}
SCRAM = {"KafkaAuthentication": "SCRAM", "KafkaSecretArn": SECRET}
MSK = {"KafkaKind": "MSK", "KafkaClusterArn": CLUSTER, **BROKERS, **VPC}

# Ways to deploy it.
GOOD = {
    "plaintext": BROKERS,
    "plaintext-in-vpc": BROKERS | VPC,
    "scram": BROKERS | SCRAM,
    "scram-private-ca": BROKERS | SCRAM | VPC | {
        "KafkaCaSecretArn": CA,
        "KafkaSecretKeyArn": KEY,
        "SubnetIds": "subnet-00000001,subnet-00000002,subnet-00000003",
        "SecurityGroupIds": "sg-00000001,sg-00000002",
    },
    "msk-scram": MSK | SCRAM | {"KafkaSecretKeyArn": KEY},
    "msk-iam": MSK | {"KafkaAuthentication": "IAM", "SubnetIds": "subnet-00000001"},
    "all-that-is-optional": BROKERS | {
        "AlarmTopicArn": ARN("sns", "alarms"),
        "Architecture": "arm64",
        "DataPlatformUrl": "https://platform.example.com/orders",
        "JwtAudience": "shop,admin",
        "JwtIssuer": "https://issuer.example.com",
        "TableKeyArn": KEY,
    },
}

# What must be refused, and a part of the reason that must be given.
BAD = [
    (BROKERS | {"KafkaAuthentication": "IAM"}, "KafkaAuthentication IAM is for MSK"),
    (MSK, "KafkaKind MSK needs KafkaAuthentication IAM or SCRAM"),
    (GOOD["msk-iam"] | {"KafkaClusterArn": ""}, "needs KafkaClusterArn"),
    (GOOD["msk-iam"] | {"KafkaBootstrapServers": "localhost:9092"}, "needs KafkaBootstrapServers"),
    (GOOD["msk-iam"] | {"SubnetIds": "", "SecurityGroupIds": ""}, "needs SubnetIds and SecurityGroupIds"),
    (GOOD["msk-iam"] | {"KafkaCaSecretArn": CA}, "KafkaCaSecretArn is for SelfManaged"),
    (GOOD["msk-scram"] | {"KafkaSecretKeyArn": ""}, "needs KafkaSecretKeyArn"),
    (BROKERS | {"KafkaAuthentication": "SCRAM"}, "needs KafkaSecretArn"),
    (BROKERS | {"KafkaCaSecretArn": CA}, "KafkaCaSecretArn is for TLS"),
    (BROKERS | VPC | {"SecurityGroupIds": ""}, "SubnetIds and SecurityGroupIds go together"),
    (BROKERS | {"JwtIssuer": "https://issuer.example.com"}, "JwtIssuer and JwtAudience go together"),
]


class Way:
    """The template with these parameters."""

    def __init__(self, template, given):
        self.template = template
        self.values = {name: given.get(name, body.get("Default")) for name, body in template["Parameters"].items()}
        unknown = given.keys() - self.values.keys()
        assert not unknown, f"the template has no parameters {unknown}"

    def refusals(self):
        """What the template's rules say against it."""
        for rule in self.template["Rules"].values():
            if self.holds(rule.get("RuleCondition", True)):
                yield from (a["AssertDescription"] for a in rule["Assertions"] if not self.holds(a["Assert"]))

    def holds(self, condition):
        """Whether a condition holds."""
        if isinstance(condition, bool):
            return condition
        ((call, operand),) = condition.items()
        if call == "Condition":
            return self.holds(self.template["Conditions"][operand])
        if call == "Fn::Equals":
            left, right = map(self.text, operand)
            return left == right
        return {"Fn::Not": lambda all: not all[0], "Fn::And": all, "Fn::Or": any}[call]([self.holds(c) for c in operand])

    def text(self, value):
        """A value in a condition: a literal, a parameter, or a part of one."""
        if not isinstance(value, dict):
            return str(value)
        ((call, operand),) = value.items()
        if call == "Ref":
            return str(self.values[operand])
        if call == "Fn::Select":
            index, parts = operand
            return self.split(parts)[int(index)]
        raise NotImplementedError(f"{call} in a condition")

    def split(self, value):
        separator, text = value["Fn::Split"]
        for name in self.values:
            text = text["Fn::Sub"] if isinstance(text, dict) else text
            text = text.replace(f"${{{name}}}", str(self.values[name]))
        return text.split(separator)

    def decided(self, value):
        """A value with every condition decided; None for AWS::NoValue."""
        if isinstance(value, list):
            return [item for item in map(self.decided, value) if item is not None]
        if not isinstance(value, dict):
            return value
        if value == {"Ref": "AWS::NoValue"}:
            return None
        if value.keys() == {"Fn::If"}:
            condition, then, otherwise = value["Fn::If"]
            return self.decided(then if self.holds({"Condition": condition}) else otherwise)
        return {key: item for key, item in ((key, self.decided(item)) for key, item in value.items()) if item is not None}

    def expanded(self):
        """What CloudFormation makes of it."""
        kept = {
            name: {key: value for key, value in body.items() if key != "Condition"}
            for name, body in self.template["Resources"].items()
            if self.holds({"Condition": body["Condition"]} if "Condition" in body else True)
        }
        parameters = {name: body | {"Default": self.values[name]} for name, body in self.template["Parameters"].items()}
        sections = {key: self.template[key] for key in ("AWSTemplateFormatVersion", "Transform", "Globals", "Outputs")}
        document = self.decided(sections | {"Resources": kept}) | {"Parameters": parameters}
        for body in document["Resources"].values():
            if "CodeUri" in body.get("Properties", {}):
                body["Properties"]["CodeUri"] = "s3://bucket/key"
        return transform(document, {}, NoManagedPolicies())


class NoManagedPolicies:
    """The template names none, and no role is to be generated."""

    def load(self):
        return {}


def main(source, folder):
    template = json.loads(json.dumps(yaml_parse(pathlib.Path(source).read_text())))
    for given, reason in BAD:
        refusals = list(Way(template, given).refusals())
        if not any(reason in refusal for refusal in refusals):
            sys.exit(f"{given} must be refused with {reason!r}; the rules say {refusals}")
    print(f"{len(BAD)} contradictory sets of parameters are refused")
    pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
    roles = {name for name, body in template["Resources"].items() if body["Type"] == "AWS::IAM::Role"}
    for name, given in GOOD.items():
        way = Way(template, given)
        if refusals := list(way.refusals()):
            sys.exit(f"{name} is refused: {refusals}")
        expanded = way.expanded()
        added = {id for id, body in expanded["Resources"].items() if body["Type"] == "AWS::IAM::Role"} - roles
        if added:
            sys.exit(f"{name}: SAM adds the roles {added}; name the permissions in roles of the template")
        pathlib.Path(folder, f"{name}.json").write_text(json.dumps(expanded, indent=1))
        print(f"{name}: {len(expanded['Resources'])} resources")


main(*sys.argv[1:])
