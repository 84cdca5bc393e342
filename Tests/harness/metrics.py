"""A fleet's metrics, as Prometheus's own parser reads them."""

from __future__ import annotations

import urllib.request
from dataclasses import dataclass

from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True)
class Scrape:
    """One answer of the metrics address."""

    text: str
    families: dict[str, Metric]

    def value(self, name: str, **labels: str) -> float | None:
        """The one sample with these labels, whatever others it has; None where there is none."""
        found = self.values(name, **labels)
        assert len(found) <= 1, f"{name}{labels} is not one sample: {found}"
        return found[0] if found else None

    def total(self, name: str, **labels: str) -> float:
        """The sum of all samples with these labels."""
        return sum(self.values(name, **labels))

    def values(self, name: str, **labels: str) -> list[float]:
        return [
            sample.value
            for family in self.families.values()
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        ]

    def labels(self, name: str, label: str) -> set[str]:
        """The values that a label has in the samples of a name."""
        return {
            sample.labels.get(label, "")
            for family in self.families.values()
            for sample in family.samples
            if sample.name == name
        }


def scrape(port: int, within: float = 30) -> Scrape:
    """Reads 127.0.0.1:`port`/metrics once."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=within) as answer:
        assert answer.headers["Content-Type"] == _CONTENT_TYPE
        text = answer.read().decode()
    families = list(text_string_to_metric_families(text))
    assert len({family.name for family in families}) == len(families), "a family came twice"
    return Scrape(text, {family.name: family for family in families})
