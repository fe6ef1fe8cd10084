"""Made-up customers, the same on every machine: five fixed people, seven odd ones, then a crowd."""

from sandbox.seed.plant import plant, planted

__all__ = ["plant", "planted"]
