"""A mirror in a bucket, following the operators' guide: with rclone, and a real, public object store."""

import os
import re
import shutil
import subprocess
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from core.assets.storage import HASHED
from prerender.mirrors.copying import SIGN, Mirror
from prerender.store.files import VARIANTS
from tests.prerender.test_mirrors import folder, remove, root, sheets, tree
from tests.support.bucket import KEY, PUBLIC, SECRET, ObjectStore
from tests.support.named import code
from tests.support.programs import needs

__all__ = ["folder", "root"]
pytestmark = [
    pytest.mark.process,
    pytest.mark.xdist_group("bucket"),
    needs("rclone"),
]
[BLOCK] = re.findall(r"```sh\n(export RCLONE.*?)```", code("docs/operators/mirrors.md"), re.DOTALL)
CHANGED = "en/index.html"


@pytest.fixture
def copy(object_store: ObjectStore, root: Path) -> Callable[[], tuple[int, str]]:
    """Run the commands of the guide with the test's names.

    Return the exit status and the output of rclone.
    """
    object_store.start()
    object_store.clear()
    typed = BLOCK.replace("/srv/mirror", str(root)).replace("waymark-mirror", PUBLIC)
    typed = typed.replace("https://s3.example.org", object_store.url)
    typed = typed.replace("…", KEY, 1).replace("…", SECRET, 1).replace("rclone sync", "rclone -v sync")

    # Environment variables for other S3 clients do not apply to this one.
    own = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}

    def run() -> tuple[int, str]:
        done = subprocess.run(["bash", "-c", typed], env=own, capture_output=True, text=True, check=False)
        return done.returncode, done.stderr

    return run


def wanted(root: Path) -> dict[str, bytes]:
    return {name: body for name, body in tree(root).items() if not name.endswith(VARIANTS)}


def test_has_every_file_and_anybody_reads_it(object_store, root, copy):
    Mirror(str(root)).bring_up_to_date(begin=True)

    status, said = copy()
    assert status == 0, said

    assert object_store.objects(PUBLIC) == wanted(root)
    assert {CHANGED, ".well-known/security.txt", SIGN, "404.html"} <= wanted(root).keys()
    for name, kind in ((CHANGED, "text/html"), ("sitemap.xml", "xml"), ("pictures/0a.webp", "image/webp")):
        with urllib.request.urlopen(f"{object_store.url}/{PUBLIC}/{name}") as answer:  # noqa: S310  (our own server)
            assert kind in answer.headers["Content-Type"]
            assert answer.headers["Cache-Control"] == "no-cache"
            assert answer.read() == wanted(root)[name]
    [style] = filter(HASHED.search, wanted(root))
    assert object_store.client().head_object(Bucket=PUBLIC, Key=style)["ContentType"].startswith("text/css")


def test_takes_back_first(object_store, root, copy):
    mirror = Mirror(str(root))
    mirror.bring_up_to_date(begin=True)
    copy()
    remove("en/help/index.html")
    mirror.bring_up_to_date(begin=False)
    (root / CHANGED).write_bytes(b"changed")

    _status, said = copy()

    assert object_store.objects(PUBLIC) == wanted(root)
    gone, new = said.index("en/help/index.html: Deleted"), said.index(f"{CHANGED}: Copied")
    assert gone < new
    assert len(sheets()) > 1


def test_is_not_emptied_by_a_disk_that_is_not_mounted(object_store, root, copy):
    Mirror(str(root)).bring_up_to_date(begin=True)
    copy()
    before = object_store.objects(PUBLIC)
    shutil.rmtree(root)
    root.mkdir()

    assert copy()[0] != 0
    assert object_store.objects(PUBLIC) == before
