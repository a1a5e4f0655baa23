"""Faults of keys, buckets, logs and topics."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.controls.mutations.faults import (
    DOCUMENT,
    KEY_POLICY,
    Mutation,
    Resource,
    actions,
    admits_a_service,
    allow,
    allows,
    claims,
    drops,
    one_removed,
    only_statement,
    sets,
    sid,
    statement_added,
    statements_changed,
    statements_removed,
    with_value,
    without,
)

KEY, BUCKET, BUCKET_POLICY = "AWS::KMS::Key", "AWS::S3::Bucket", "AWS::S3::BucketPolicy"
LOG_GROUP, TOPIC, TOPIC_POLICY = "AWS::Logs::LogGroup", "AWS::SNS::Topic", "AWS::SNS::TopicPolicy"
ENCRYPTION = "Properties/BucketEncryption/ServerSideEncryptionConfiguration"
PUBLIC_ACCESS = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
ONE_ROLE = {"AWS": "arn:aws:iam::111122223333:role/one"}
OTHER_CONDITION = {"StringEquals": {"aws:PrincipalTag/team": "one"}}
PERIMETER = ("DenyOutsideIdentities", "DenyOutsideNetworks")


def cryptographic(statement: Resource) -> bool:
    """The statements of a key policy that let the key be used."""
    return allows(statement) and any(
        action.startswith(("kms:Decrypt", "kms:GenerateDataKey", "kms:CreateGrant")) for action in actions(statement)
    )


def narrowed(
    control: str, policy: str, what: str, statement: Callable[[Resource], bool], action: str, **where: Any
) -> tuple[Mutation, ...]:
    """The ways to hollow out a statement that refuses: each leaves it in place, and lets someone through."""
    ways: dict[str, Callable[[Resource], None]] = {
        "allows": sets(Effect="Allow"),
        "binds one role only": sets(Principal=ONE_ROLE),
        f"refuses {action} only": sets(Action=action),
        "knows no action": drops("Action"),
        "asks for something else": sets(Condition=OTHER_CONDITION),
    }
    return (
        Mutation(control, f"{what} is removed", policy, statements_removed(DOCUMENT, statement), **where),
        *(
            Mutation(control, f"{what} {way}", policy, statements_changed(DOCUMENT, statement, change), **where)
            for way, change in ways.items()
        ),
    )


def leaves_out(action: str) -> Callable[[Resource], None]:
    """Remove one action of a statement."""

    def change(statement: Resource) -> None:
        statement["Action"].remove(action)

    return change


PROTECTION = (
    Mutation("MLG-PRT-01", "rotation is off", KEY, with_value("Properties/EnableKeyRotation", False)),
    Mutation("MLG-PRT-01", "rotation is left out", KEY, without("Properties/EnableKeyRotation")),
    Mutation("MLG-PRT-02", "has no policy", KEY, without("Properties/KeyPolicy")),
    *(
        Mutation("MLG-PRT-02", f"allows {action}", KEY, statement_added(KEY_POLICY, allow(action, Principal=ONE_ROLE)))
        for action in ("kms:*", "*", ["kms:Decrypt", "kms:*"], "*:*")
    ),
    Mutation("MLG-PRT-02", "allows kms:* in its only statement", KEY, only_statement(KEY_POLICY, allow("kms:*"))),
    Mutation("MLG-PRT-02", "allows by exclusion", KEY, with_value(f"{KEY_POLICY}/0/NotAction", "kms:PutKeyPolicy")),
    Mutation("MLG-PRT-02", "allows all but some", KEY, with_value(f"{KEY_POLICY}/0/NotPrincipal", ONE_ROLE)),
    Mutation(
        "MLG-PRT-03",
        "use is bound to no service",
        KEY,
        statements_changed(
            KEY_POLICY, cryptographic, lambda s: s.update(Condition={"StringEquals": {"kms:CallerAccount": "1"}})
        ),
    ),
    Mutation(
        "MLG-PRT-03",
        "use has no condition",
        KEY,
        statements_changed(KEY_POLICY, cryptographic, drops("Condition")),
    ),
    *(
        Mutation("MLG-PRT-03", f"allows {action}", KEY, statement_added(KEY_POLICY, allow(action, Principal=ONE_ROLE)))
        for action in (
            "kms:Decrypt",
            ["kms:DescribeKey", "kms:Encrypt"],
            "kms:ReEncryptFrom",
            "kms:GenerateDataKeyPair",
            "kms:CreateGrant",
            "kms:Create*",
            "kms:De*",
            "kms:Generate*",
            "kms:Re*",
            "kms:DeriveSharedSecret",
        )
    ),
    Mutation(
        "MLG-PRT-03",
        "allows kms:Decrypt in its only statement",
        KEY,
        only_statement(KEY_POLICY, allow("kms:Decrypt", Principal=ONE_ROLE)),
    ),
    Mutation("MLG-PRT-04", "is deleted with the stack", KEY, with_value("DeletionPolicy", "Delete")),
    Mutation("MLG-PRT-04", "says nothing of deletion", KEY, without("DeletionPolicy")),
    Mutation("MLG-PRT-04", "is deleted when replaced", KEY, with_value("UpdateReplacePolicy", "Delete")),
    Mutation("MLG-PRT-04", "is gone in a week", KEY, with_value("Properties/PendingWindowInDays", 7)),
    Mutation("MLG-PRT-05", "is not encrypted", BUCKET, without("Properties/BucketEncryption")),
    Mutation("MLG-PRT-05", "has no default", BUCKET, with_value(ENCRYPTION, [])),
    Mutation(
        "MLG-PRT-05",
        "takes a key of S3",
        BUCKET,
        with_value(f"{ENCRYPTION}/*/ServerSideEncryptionByDefault/SSEAlgorithm", "AES256"),
    ),
    Mutation(
        "MLG-PRT-05",
        "names no key",
        BUCKET,
        with_value(f"{ENCRYPTION}/*/ServerSideEncryptionByDefault", {"SSEAlgorithm": "aws:kms"}),
    ),
    Mutation(
        "MLG-PRT-05",
        "names the key of AWS",
        BUCKET,
        with_value(f"{ENCRYPTION}/*/ServerSideEncryptionByDefault/KMSMasterKeyID", "alias/aws/s3"),
        claims("MLG-PRT-05"),
    ),
    Mutation("MLG-PRT-05", "has no bucket key", BUCKET, with_value(f"{ENCRYPTION}/*/BucketKeyEnabled", False)),
    Mutation("MLG-PRT-06", "keeps no versions", BUCKET, without("Properties/VersioningConfiguration")),
    Mutation(
        "MLG-PRT-06", "is suspended", BUCKET, with_value("Properties/VersioningConfiguration/Status", "Suspended")
    ),
    Mutation("MLG-PRT-07", "blocks nothing", BUCKET, without("Properties/PublicAccessBlockConfiguration")),
    *(
        Mutation("MLG-PRT-07", f"{name} is {fault}", BUCKET, change)
        for name in PUBLIC_ACCESS
        for fault, change in (
            ("off", with_value(f"Properties/PublicAccessBlockConfiguration/{name}", False)),
            ("left out", without(f"Properties/PublicAccessBlockConfiguration/{name}")),
        )
    ),
    Mutation("MLG-PRT-08", "says nothing of owners", BUCKET, without("Properties/OwnershipControls")),
    Mutation("MLG-PRT-08", "has no rule of owners", BUCKET, with_value("Properties/OwnershipControls/Rules", [])),
    Mutation(
        "MLG-PRT-08",
        "leaves objects to their writers",
        BUCKET,
        with_value("Properties/OwnershipControls/Rules/*/ObjectOwnership", "ObjectWriter"),
    ),
    Mutation("MLG-PRT-08", "has an ACL", BUCKET, with_value("Properties/AccessControl", "PublicRead")),
    Mutation("MLG-PRT-09", "one is removed", BUCKET_POLICY, one_removed),
    *narrowed("MLG-PRT-09", BUCKET_POLICY, "the refusal of plain HTTP", sid("DenyPlainHttp"), "s3:GetObject"),
    *narrowed("MLG-PRT-09", BUCKET_POLICY, "the refusal of old TLS", sid("DenyOldTls"), "s3:GetObject"),
    *(
        Mutation(
            "MLG-PRT-09",
            f"the refusal {name} has a second condition",
            BUCKET_POLICY,
            statements_changed(DOCUMENT, sid(name), lambda s: s["Condition"].update(OTHER_CONDITION)),
        )
        for name in ("DenyPlainHttp", "DenyOldTls")
    ),
    Mutation(
        "MLG-PRT-09",
        "old TLS is TLS 1.0",
        BUCKET_POLICY,
        statements_changed(DOCUMENT, sid("DenyOldTls"), sets(Condition={"NumericLessThan": {"s3:TlsVersion": "1.1"}})),
    ),
    Mutation("MLG-PRT-10", "logs nothing", BUCKET, without("Properties/LoggingConfiguration"), claims("MLG-PRT-10")),
    Mutation(
        "MLG-PRT-10",
        "logs to itself",
        BUCKET,
        without("Properties/LoggingConfiguration/DestinationBucketName"),
        claims("MLG-PRT-10"),
    ),
    Mutation("MLG-PRT-11", "is deleted with the stack", BUCKET, with_value("DeletionPolicy", "Delete")),
    Mutation("MLG-PRT-11", "says nothing of deletion", BUCKET, without("DeletionPolicy")),
    Mutation("MLG-PRT-11", "is deleted when replaced", BUCKET, with_value("UpdateReplacePolicy", "Delete")),
    Mutation("MLG-PRT-12", "one is removed", BUCKET_POLICY, one_removed),
    *narrowed("MLG-PRT-12", BUCKET_POLICY, "the perimeter", sid(*PERIMETER), "s3:GetObject"),
    *(
        Mutation(
            "MLG-PRT-12",
            f"the perimeter leaves out {action}",
            BUCKET_POLICY,
            statements_changed(DOCUMENT, sid(*PERIMETER), leaves_out(action)),
        )
        for action in ("s3:GetObject*", "s3:PutObject*", "s3:DeleteObject*")
    ),
    *narrowed(
        "MLG-PRT-13",
        BUCKET_POLICY,
        "the refusal of other keys",
        sid("DenyWrongKey"),
        "s3:GetObject",
        # A policy that admits a service is not judged: services bring keys of their own.
        where=lambda policy: claims("MLG-PRT-13")(policy) and not admits_a_service(policy),
    ),
    *(
        Mutation(
            "MLG-PRT-14",
            f"{name} is {fault}",
            BUCKET,
            change,
        )
        for name in ("AbortIncompleteMultipartUpload", "NoncurrentVersionExpiration")
        for fault, change in (
            ("left out", without(f"Properties/LifecycleConfiguration/Rules/0/{name}")),
            ("switched off", with_value("Properties/LifecycleConfiguration/Rules/*/Status", "Disabled")),
        )
    ),
    *(
        Mutation(
            "MLG-PRT-14",
            f"cleans up {fault} only",
            BUCKET,
            with_value(f"Properties/LifecycleConfiguration/Rules/*/{name}", value),
        )
        for fault, name, value in (
            ("a prefix", "Prefix", "tmp/"),
            ("a tag", "TagFilters", [{"Key": "tmp", "Value": "yes"}]),
            ("small objects", "ObjectSizeLessThan", "1000"),
        )
    ),
    Mutation("MLG-PRT-14", "has no lifecycle", BUCKET, without("Properties/LifecycleConfiguration")),
    Mutation("MLG-PRT-15", "has no key", LOG_GROUP, without("Properties/KmsKeyId")),
    Mutation("MLG-PRT-15", "has no end", LOG_GROUP, without("Properties/RetentionInDays")),
    Mutation("MLG-PRT-16", "has no key", TOPIC, without("Properties/KmsMasterKeyId")),
    Mutation("MLG-PRT-16", "takes the key of AWS", TOPIC, with_value("Properties/KmsMasterKeyId", "alias/aws/sns")),
    Mutation("MLG-PRT-16", "one is removed", TOPIC_POLICY, one_removed),
    *narrowed(
        "MLG-PRT-16", TOPIC_POLICY, "the refusal of plain HTTP", sid("AllowPublishThroughSSLOnly"), "sns:Subscribe"
    ),
    Mutation(
        "MLG-PRT-16",
        "the refusal has a second condition",
        TOPIC_POLICY,
        statements_changed(
            DOCUMENT, sid("AllowPublishThroughSSLOnly"), lambda s: s["Condition"].update(OTHER_CONDITION)
        ),
    ),
    *(
        Mutation(
            "MLG-PRT-17",
            f"lets {name} read",
            BUCKET_POLICY,
            statement_added(DOCUMENT, {**allow("s3:GetObject"), **principal}),
        )
        for name, principal in (
            ("everybody", {"Principal": "*"}),
            ("every account", {"Principal": {"AWS": "*"}}),
            ("all but one", {"NotPrincipal": ONE_ROLE}),
        )
    ),
)
