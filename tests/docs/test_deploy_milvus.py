"""What stands in deploy/ can be read, publishes nothing to other machines, and asks for a token."""

from __future__ import annotations

from pathlib import Path

import yaml


def test_milvus_is_published_to_this_machine_only(root: Path) -> None:
    (service,) = yaml.safe_load((root / "deploy/milvus-compose.yaml").read_text(encoding="utf-8"))["services"].values()
    assert service["ports"] == ["127.0.0.1:19530:19530"]
    assert service["image"].partition(":")[2].startswith("v2.")  # a version, not whatever is newest
    assert service["environment"]["COMMON_SECURITY_AUTHORIZATIONENABLED"] == "true"


def test_the_cluster_asks_for_a_token(root: Path) -> None:
    values = yaml.safe_load((root / "deploy/milvus-cluster-values.yaml").read_text(encoding="utf-8"))
    own = yaml.safe_load(values["extraConfigFiles"]["user.yaml"])
    assert own["common"]["security"]["authorizationEnabled"] is True
