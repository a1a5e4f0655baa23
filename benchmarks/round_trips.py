"""Counts the calls from Python to the CDK's Node process, and whose constructor made them."""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import median
from typing import Any
from unittest import mock

from constructs import Construct

# Neither is public: jsii has no counter of its own.
from jsii._kernel.providers.process import _NodeProcess
from jsii._runtime import JSIIMeta

OURS = ("mlgov_constructs.", "stacks.")


@dataclass
class RoundTrips:
    """Round trips in all, and for each of our construct classes one entry an instance.

    A construct's entry is what its constructor cost, the constructors that it called included;
    ``own`` leaves out those of our other constructs. What a method costs later counts for the
    constructor that calls it.
    """

    total: int = 0
    inclusive: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    own: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    _nested: list[int] = field(default_factory=list)

    @contextlib.contextmanager
    def counting(self) -> Iterator[RoundTrips]:
        """Count everything that happens inside the ``with`` block."""
        send = _NodeProcess.send
        create: Any = JSIIMeta.__call__

        def counted_send(process: _NodeProcess, request: Any, response_type: Any) -> Any:
            self.total += 1
            return send(process, request, response_type)

        def counted_create(cls: JSIIMeta, *args: Any, **kwargs: Any) -> Any:
            if not (cls.__module__.startswith(OURS) and issubclass(cls, Construct)):
                return create(cls, *args, **kwargs)
            start = self.total
            self._nested.append(0)
            try:
                return create(cls, *args, **kwargs)
            finally:
                trips = self.total - start
                self.inclusive[cls.__name__].append(trips)
                self.own[cls.__name__].append(trips - self._nested.pop())
                if self._nested:
                    self._nested[-1] += trips

        with (
            mock.patch.object(_NodeProcess, "send", counted_send),
            mock.patch.object(JSIIMeta, "__call__", counted_create),
        ):
            yield self

    def by_construct(self) -> dict[str, dict[str, float]]:
        """Instances, median and most round trips of each class, dearest first."""
        classes = sorted(self.inclusive, key=lambda name: (-median(self.inclusive[name]), name))
        return {
            name: {
                "instances": len(self.inclusive[name]),
                "median": median(self.inclusive[name]),
                "median_own": median(self.own[name]),
                "most": max(self.inclusive[name]),
            }
            for name in classes
        }
