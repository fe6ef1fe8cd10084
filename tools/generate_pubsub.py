"""`make protos`: the Pub/Sub messages in Python, from the one .proto, for the portal and for the sandbox.

Each gets a descriptor pool of its own: two files that define `eventbus.v1` cannot share one, and tests run both sides
in one process. `--check` writes nothing and says whether what is there is what would be made.
"""

import sys
import tempfile
from importlib.resources import files
from pathlib import Path

from grpc_tools import protoc

ROOT = Path(__file__).resolve().parent.parent
PROTO = ROOT / "portal_app/integrations/salesforce/pubsub/eventbus.proto"
HOMES = (PROTO.parent / "generated", ROOT / "sandbox/pubsub/generated")
SHARED_POOL, OWN_POOL = "_descriptor_pool.Default()", "_descriptor_pool.DescriptorPool()"


def generate() -> dict[str, str]:
    """File name -> text. Raises: RuntimeError when the .proto is wrong or the compiler writes something unknown."""
    with tempfile.TemporaryDirectory() as folder:
        options = [f"--proto_path={PROTO.parent}", f"--proto_path={files('grpc_tools') / '_proto'}"]
        if protoc.main(["protoc", *options, f"--python_out={folder}", f"--pyi_out={folder}", PROTO.name]):
            raise RuntimeError("protoc refused the .proto")
        made = {path.name: path.read_text(encoding="utf-8") for path in sorted(Path(folder).iterdir())}
    code = made["eventbus_pb2.py"]
    if code.count(SHARED_POOL) != 1:
        raise RuntimeError("the compiler's output has changed: no single use of the default descriptor pool")
    made["eventbus_pb2.py"] = code.replace(SHARED_POOL, OWN_POOL)
    return made | {"__init__.py": '"""Made by `make protos`; not to be edited."""\n'}


def stale(made: dict[str, str]) -> list[Path]:
    """Files that are missing or differ from what would be made."""
    return [
        home / name
        for home in HOMES
        for name, text in made.items()
        if not (home / name).is_file() or (home / name).read_text(encoding="utf-8") != text
    ]


def main() -> int:
    made = generate()
    if "--check" in sys.argv[1:]:
        return 1 if stale(made) else 0
    for path in stale(made):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(made[path.name], encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
