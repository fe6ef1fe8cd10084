"""Made-up customers, the same on every machine: five fixed people, seven odd ones, then a crowd."""

from sandbox.seed.plant import catch_up, plant, planted

__all__ = ["catch_up", "plant", "planted"]
