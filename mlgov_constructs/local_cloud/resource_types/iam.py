"""AWS Identity and Access Management."""

from typing import Any

from mlgov_constructs.local_cloud.resource_types.resource_type import Call, Properties, ResourceType, dropped_tags


class Role(ResourceType):
    """An IAM role."""

    type_name = "AWS::IAM::Role"
    properties = (
        "AssumeRolePolicyDocument",
        "Description",
        "ManagedPolicyArns",
        "MaxSessionDuration",
        "Path",
        "PermissionsBoundary",
        "Policies",
        "RoleName",
        "Tags",
    )
    create_only = ("Path", "RoleName")
    name_property = "RoleName"
    tags = "list"

    def create(self, call: Call) -> str:
        """Creates the role; a name that exists is refused, as IAM does."""
        name = call.name("RoleName", max_length=64)
        _refuse_existing(call, name)
        call.invoke(
            "iam",
            "CreateRole",
            RoleName=name,
            Tags=call.tags or None,
            **call.pick("AssumeRolePolicyDocument", "Description", "MaxSessionDuration", "Path", "PermissionsBoundary"),
        )
        return name

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Sets trust, boundary, policies and tags."""
        new = call.properties
        if old:
            self._update(call, physical_id, old)
        _reconcile_attachments(
            call, physical_id, old.get("ManagedPolicyArns") or [], new.get("ManagedPolicyArns") or []
        )
        wanted = {policy["PolicyName"]: policy["PolicyDocument"] for policy in new.get("Policies") or []}
        for policy in old.get("Policies") or []:
            if policy["PolicyName"] not in wanted:
                call.invoke("iam", "DeleteRolePolicy", RoleName=physical_id, PolicyName=policy["PolicyName"])
        for policy_name, document in wanted.items():
            call.invoke("iam", "PutRolePolicy", RoleName=physical_id, PolicyName=policy_name, PolicyDocument=document)

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns the ARN and the id."""
        role = call.invoke("iam", "GetRole", RoleName=physical_id)["Role"]
        return {"Arn": role["Arn"], "RoleId": role["RoleId"]}

    def delete(self, call: Call, physical_id: str) -> None:
        """Deletes the role with the policies that are in it."""
        attached = call.invoke("iam", "ListAttachedRolePolicies", RoleName=physical_id)["AttachedPolicies"]
        for policy in attached:
            call.invoke("iam", "DetachRolePolicy", RoleName=physical_id, PolicyArn=policy["PolicyArn"])
        for policy_name in call.invoke("iam", "ListRolePolicies", RoleName=physical_id)["PolicyNames"]:
            call.invoke("iam", "DeleteRolePolicy", RoleName=physical_id, PolicyName=policy_name)
        call.invoke("iam", "DeleteRole", RoleName=physical_id)

    @staticmethod
    def _update(call: Call, name: str, old: Properties) -> None:
        new = call.properties
        if new["AssumeRolePolicyDocument"] != old["AssumeRolePolicyDocument"]:
            document = new["AssumeRolePolicyDocument"]
            call.invoke("iam", "UpdateAssumeRolePolicy", RoleName=name, PolicyDocument=document)
        if call.pick("Description", "MaxSessionDuration") != {k: old[k] for k in _UPDATABLE if k in old}:
            call.invoke("iam", "UpdateRole", RoleName=name, **call.pick(*_UPDATABLE))
        if new.get("PermissionsBoundary") != old.get("PermissionsBoundary"):
            if boundary := new.get("PermissionsBoundary"):
                call.invoke("iam", "PutRolePermissionsBoundary", RoleName=name, PermissionsBoundary=boundary)
            else:
                call.invoke("iam", "DeleteRolePermissionsBoundary", RoleName=name)
        if removed := dropped_tags(old, call):
            call.invoke("iam", "UntagRole", RoleName=name, TagKeys=removed)
        if call.tags:
            call.invoke("iam", "TagRole", RoleName=name, Tags=call.tags)


_UPDATABLE = ("Description", "MaxSessionDuration")


class Policy(ResourceType):
    """An inline policy that is put into roles."""

    type_name = "AWS::IAM::Policy"
    properties = ("PolicyDocument", "PolicyName", "Roles")

    def create(self, call: Call) -> str:
        """Returns the policy's id; the policy itself is put by ``configure``."""
        return call.make_name(64, False)

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Puts the policy into its roles and takes it from those that left."""
        new = call.properties
        stale = set(old.get("Roles") or [])
        if old.get("PolicyName") == new["PolicyName"]:
            stale -= set(new["Roles"])
        for role in sorted(stale):
            call.invoke("iam", "DeleteRolePolicy", RoleName=role, PolicyName=old["PolicyName"])
        for role in new["Roles"]:
            call.invoke("iam", "PutRolePolicy", RoleName=role, **call.pick("PolicyName", "PolicyDocument"))

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns the id."""
        return {"Id": physical_id}

    def delete(self, call: Call, physical_id: str) -> None:
        """Takes the policy out of its roles."""
        iam = call.client("iam")
        for role in call.properties.get("Roles") or []:
            try:
                call.invoke("iam", "DeleteRolePolicy", RoleName=role, PolicyName=call.properties["PolicyName"])
            except iam.exceptions.NoSuchEntityException:
                continue  # the role went first, and its policies with it


class ManagedPolicy(ResourceType):
    """A managed policy."""

    type_name = "AWS::IAM::ManagedPolicy"
    properties = ("Description", "ManagedPolicyName", "Path", "PolicyDocument", "Roles")
    create_only = ("Description", "ManagedPolicyName", "Path")
    name_property = "ManagedPolicyName"

    def create(self, call: Call) -> str:
        """Creates the policy."""
        answer = call.invoke(
            "iam",
            "CreatePolicy",
            PolicyName=call.name("ManagedPolicyName", max_length=128),
            **call.pick("Description", "Path", "PolicyDocument"),
        )
        return str(answer["Policy"]["Arn"])

    def configure(self, call: Call, physical_id: str, old: Properties) -> None:
        """Publishes a changed document as the default version and attaches the policy to its roles."""
        if old and call.properties["PolicyDocument"] != old["PolicyDocument"]:
            self._publish(call, physical_id)
        before, after = set(old.get("Roles") or []), set(call.properties.get("Roles") or [])
        for role in sorted(before - after):
            call.invoke("iam", "DetachRolePolicy", RoleName=role, PolicyArn=physical_id)
        for role in sorted(after - before):
            call.invoke("iam", "AttachRolePolicy", RoleName=role, PolicyArn=physical_id)

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns the ARN and the id."""
        policy = call.invoke("iam", "GetPolicy", PolicyArn=physical_id)["Policy"]
        return {"PolicyArn": policy["Arn"], "PolicyId": policy["PolicyId"]}

    def delete(self, call: Call, physical_id: str) -> None:
        """Detaches the policy and deletes it with its versions."""
        for role in call.invoke("iam", "ListEntitiesForPolicy", PolicyArn=physical_id).get("PolicyRoles", []):
            call.invoke("iam", "DetachRolePolicy", RoleName=role["RoleName"], PolicyArn=physical_id)
        self._drop_old_versions(call, physical_id)
        call.invoke("iam", "DeletePolicy", PolicyArn=physical_id)

    @classmethod
    def _publish(cls, call: Call, arn: str) -> None:
        cls._drop_old_versions(call, arn)  # IAM keeps five versions; CloudFormation keeps the last two
        document = call.properties["PolicyDocument"]
        call.invoke("iam", "CreatePolicyVersion", PolicyArn=arn, PolicyDocument=document, SetAsDefault=True)

    @staticmethod
    def _drop_old_versions(call: Call, arn: str) -> None:
        for version in call.invoke("iam", "ListPolicyVersions", PolicyArn=arn)["Versions"]:
            if not version["IsDefaultVersion"]:
                call.invoke("iam", "DeletePolicyVersion", PolicyArn=arn, VersionId=version["VersionId"])


def _refuse_existing(call: Call, name: str) -> None:
    # The emulator accepts a second role of the same name; IAM does not.
    iam = call.client("iam")
    try:
        iam.get_role(RoleName=name)
    except iam.exceptions.NoSuchEntityException:
        return
    raise ValueError(f"Role with name {name} already exists.")


def _reconcile_attachments(call: Call, role: str, before: list[str], after: list[str]) -> None:
    for arn in before:
        if arn not in after:
            call.invoke("iam", "DetachRolePolicy", RoleName=role, PolicyArn=arn)
    for arn in after:
        if arn not in before:
            call.invoke("iam", "AttachRolePolicy", RoleName=role, PolicyArn=arn)


class ServiceLinkedRole(ResourceType):
    """A role that only one service of AWS can assume."""

    type_name = "AWS::IAM::ServiceLinkedRole"
    properties = ("AWSServiceName", "CustomSuffix", "Description")
    create_only = ("AWSServiceName", "CustomSuffix")

    def create(self, call: Call) -> str:
        """Creates the role; the account has it once."""
        answer = call.invoke("iam", "CreateServiceLinkedRole", **call.properties)
        return str(answer["Role"]["RoleName"])

    def attributes(self, call: Call, physical_id: str) -> dict[str, Any]:
        """Returns the name."""
        return {"RoleName": physical_id}

    def delete(self, call: Call, physical_id: str) -> None:
        """Deletes the role, as long as its service lets it go."""
        call.invoke("iam", "DeleteServiceLinkedRole", RoleName=physical_id)
