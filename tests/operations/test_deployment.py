"""The operators' deployment files: containers, systemd units, manifests for Kubernetes."""

from __future__ import annotations

import http.server
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import dj_database_url
import kubernetes_validate
import pytest
import yaml
from django.core.management import get_commands

from config.settings.base import ROOT
from core import variables
from core.background import stopping
from tests.operations.test_health import listening
from tests.support.modules import load
from tests.support.programs import needs
from tests.support.server import free_port

OPERATORS = ROOT / "docs/operators"
SYSTEMD = OPERATORS / "systemd"
KUBERNETES = OPERATORS / "kubernetes"
# Settings that the image, the entry point or compose.yaml fixes, and their values there.
DECIDED = {
    "DATABASE_URL": "made in compose.yaml",
    "PGPASSWORD": "made in compose.yaml, of POSTGRES_PASSWORD",
    "WAYMARK_VAR": "the volume",
    "WAYMARK_STATIC": "part of the image",
    "WAYMARK_SITE": "set by scripts/container.sh",
    "WAYMARK_HEALTH_PORT": "set in the image",
}


def documented() -> set[str]:
    """Return the variables that operators set: the demonstration is not for production, and libpq reads PGPASSWORD."""
    return {*variables.BY_NAME, "PGPASSWORD"} - {"WAYMARK_DEMO"}


def compose() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "compose.yaml").read_text())


class TestStopping:
    def test_takes_less_time_than_a_container_or_a_service_is_given(self):
        """Docker kills after ten seconds, where nothing else is said."""
        given = {name: one.get("stop_grace_period", "10s") for name, one in compose()["services"].items()}
        for unit in SYSTEMD.glob("waymark-*.service"):
            for seconds in re.findall(r"^TimeoutStopSec=(\d+)$", unit.read_text(), re.MULTILINE):
                given[unit.name] = f"{seconds}s"

        assert {"worker", "scheduler", "waymark-worker.service", "waymark-scheduler.service"} <= given.keys()
        assert min(float(each.removesuffix("s")) for each in given.values()) > stopping.GRACE


class TestSettings:
    def test_are_all_declared(self):
        folder = ROOT / "site/config"
        text = "".join(path.read_text() for path in folder.rglob("*.py"))

        assert set(re.findall(r'"((?:WAYMARK|AWS|DATABASE)_[A-Z_]+)"', text)) == set(variables.BY_NAME)
        assert len([name for name in variables.BY_NAME if name.startswith("WAYMARK_")]) < 47

    def test_are_documented(self):
        """`make generate` writes the table."""
        assert variables.table() in (OPERATORS / "settings.md").read_text()

    def test_that_are_documented_reach_the_containers(self):
        services = compose()["services"].values()
        given = {name for service in services if service["image"] == "waymark" for name in service["environment"]}

        assert documented() - given - DECIDED.keys() == set()
        assert given - documented() == set()

    def test_that_are_documented_are_in_the_example(self):
        example = (ROOT / ".env.example").read_text()
        offered = set(re.findall(r"^#? ?([A-Z_]+)=", example, re.MULTILINE))

        assert documented() - offered - DECIDED.keys() == {"WAYMARK_PUBLIC_DATABASE_PASSWORD"}
        assert offered - documented() == {"POSTGRES_PASSWORD", "POSTGRES_PUBLIC_PASSWORD"}

    @pytest.mark.process
    def test_that_are_left_empty_are_as_good_as_none(self, monkeypatch):
        """compose.yaml passes variables missing in .env as empty values."""
        required = {
            "WAYMARK_SECRET_KEY": "only-for-this-test-" + "aB3dE5gH7jK9mN1pQ2rS4tU6vW8xY0z" * 2,
            "WAYMARK_PUBLIC_URL": "https://www.example.org", "WAYMARK_PRIVATE_URL": "https://private.example.org",
            "WAYMARK_MAIL_HOST": "mail.example.org", "DATABASE_URL": "postgres://waymark@database/waymark",
        }  # fmt: skip
        optional = compose()["x-waymark"]["environment"].keys() - required.keys() - {"PGPASSWORD"}
        say = (
            "import json, config.settings.production as p; "
            "print(json.dumps({n: str(getattr(p, n)) for n in dir(p) if n.isupper()}))"
        )

        def settings(environment: dict[str, str]) -> dict[str, str]:
            done = subprocess.run(
                [sys.executable, "-c", say], env=environment, capture_output=True, text=True, check=True
            )
            return json.loads(done.stdout)

        assert settings(required | dict.fromkeys(optional, "")) == settings(required)

    def test_let_a_password_contain_anything(self):
        """The address has none: libpq takes it from PGPASSWORD as it is."""
        environment = compose()["x-waymark"]["environment"]

        found = dj_database_url.parse(environment["DATABASE_URL"])

        assert [found[name] for name in ("HOST", "USER", "NAME", "PASSWORD")] == [
            "database",
            "waymark",
            "waymark",
            "",
        ]
        assert environment["PGPASSWORD"] == "${POSTGRES_PASSWORD:?}"


class Pulse:
    """A process with this problem, or none."""

    def __init__(self, problem: str) -> None:
        self.problem = lambda: problem

    def take_over(self) -> None: ...


@pytest.mark.process
class TestContainers:
    def test_of_every_service_have_a_health_check(self):
        services = compose()["services"]

        asked = {name for name, service in services.items() if "test" in service.get("healthcheck", {})}
        assert asked == services.keys() - {"migrate", "backup"}
        assert all(services[name]["healthcheck"] == {"disable": True} for name in ("migrate", "backup"))
        assert services["public"]["healthcheck"]["test"] == ["CMD", "python", "-IS", "/app/scripts/probe.py"]
        assert "HEALTHCHECK" in (ROOT / "Dockerfile").read_text()

    def test_restore_into_an_empty_database(self):
        """A service that waits for `migrate` has a site made first, and a restore refuses to replace it."""
        page = (OPERATORS / "backups.md").read_text()
        restoring = set(re.findall(r"docker compose run .* (\w+) restore ", page))

        assert restoring == {"backup"}
        assert compose()["services"]["backup"]["depends_on"].keys() == {"database"}

    def test_publish_no_port_but_to_this_machine(self):
        ports = [port for service in compose()["services"].values() for port in service.get("ports", [])]

        assert len(ports) == 4
        assert all(port.startswith("127.0.0.1:") for port in ports)

    @pytest.mark.parametrize("problem", ["", "The loop has not turned."])
    def test_have_a_probe(self, problem: str):
        with listening("worker", Pulse(problem)) as made:
            done = probe(made.address[1])

        assert done == ((1, problem) if problem else (0, "ok"))

    def test_that_do_not_answer_are_not_well(self):
        assert probe(free_port()) == (1, "No answer: ConnectionRefusedError")

    def test_count_as_started_when_the_port_takes_requests(self):
        with listening("public", Pulse("")) as made, socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            port = listener.getsockname()[1]
            before = probe(made.address[1], "healthz", "0.1", PORT=str(port))
            threading.Timer(0.5, listener.listen).start()
            after = probe(made.address[1], "healthz", "20", PORT=str(port))

        assert (before, after) == ((1, "No answer: ConnectionRefusedError"), (0, "ok"))


def probe(port: int, *arguments: str, **environment: str) -> tuple[int, str]:
    command = [sys.executable, "-IS", ROOT / "scripts/probe.py", *arguments]
    done = subprocess.run(
        command,
        env={"WAYMARK_HEALTH_PORT": str(port), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout.strip()


@pytest.mark.process
class TestPins:
    @pytest.fixture
    def pins(self, monkeypatch, tmp_path) -> Iterator[Any]:
        """The script, over copies of its files and with a docker that knows every digest."""
        module = load(ROOT / "scripts/pin_images.py")
        for name in module.FILES:
            shutil.copy(ROOT / name, tmp_path / name)
        monkeypatch.setattr(module, "ROOT", tmp_path)
        monkeypatch.setenv("PATH", str(tmp_path))
        return module

    def docker(self, folder: Path, script: str) -> None:
        (folder / "docker").write_text(f"#!/bin/sh\n{script}\n")
        (folder / "docker").chmod(0o755)

    def test_are_in_the_tree(self, pins, monkeypatch):
        monkeypatch.setattr(sys, "argv", ["pin_images.py", "--check"])

        with pytest.raises(SystemExit, match=r"^0$"):
            pins.main()

    def test_are_written_behind_each_foreign_image_and_renewed(self, pins, tmp_path, monkeypatch, capsys):
        for digit in "ab":
            self.docker(tmp_path, f"echo sha256:{digit * 64}")
            monkeypatch.setattr(sys, "argv", ["pin_images.py"])
            pins.main()

        dockerfile = (tmp_path / "Dockerfile").read_text()
        composed = yaml.safe_load((tmp_path / "compose.yaml").read_text())
        assert dockerfile.count(f"python:3.13-slim-trixie@sha256:{'b' * 64}") == 2
        assert composed["services"]["database"]["image"].endswith(f"postgres:18-alpine@sha256:{'b' * 64}")
        assert composed["services"]["public"]["image"] == "waymark"
        monkeypatch.setattr(sys, "argv", ["pin_images.py", "--check"])
        with pytest.raises(SystemExit, match=r"^0$"):
            pins.main()

    @pytest.mark.parametrize("script", ["exit 1", "echo nothing"])
    def test_of_unknown_digest_change_nothing(self, pins, tmp_path, monkeypatch, script: str):
        self.docker(tmp_path, script)
        monkeypatch.setattr(sys, "argv", ["pin_images.py"])

        with pytest.raises(SystemExit, match=r"could not say the digest of docker\.io/library/"):
            pins.main()

        assert (tmp_path / "Dockerfile").read_text() == (ROOT / "Dockerfile").read_text()


@pytest.mark.process
class TestBillOfMaterials:
    def test_lists_every_locked_dependency_of_the_site(self, tmp_path):
        uv = shutil.which("uv") or str(ROOT / ".tools/uv")
        [recipe] = re.findall(r'"\$\$uv" (export .*) -o sbom.json', (ROOT / "Makefile").read_text())
        file = tmp_path / "sbom.json"
        subprocess.run([uv, *recipe.split(), "--offline", "-o", file], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)

        bill = json.loads(file.read_text())

        listed = {each["name"] for each in bill["components"]}
        project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
        wanted = {re.split(r"[\[<>=]", name)[0].lower() for name in project}
        locked = {each["name"] for each in tomllib.loads((ROOT / "uv.lock").read_text())["package"]}
        assert bill["bomFormat"] == "CycloneDX"
        assert wanted <= listed <= locked
        assert "pytest" not in listed
        assert all(each["purl"] for each in bill["components"])


UNITS = sorted(SYSTEMD.glob("waymark*"))


@needs("systemd-analyze")
@pytest.mark.process
class TestServices:
    @pytest.fixture
    def units(self, tmp_path: Path) -> Path:
        """The units, with a program that is here in place of the installed one."""
        folder = tmp_path
        for unit in UNITS:
            text = re.sub(
                r"/opt/waymark/(scripts/container\.sh|\.venv/bin/python)",
                shutil.which("true") or "",
                unit.read_text(),
            )
            (folder / unit.name).write_text(text)
        return folder

    def test_are_understood_by_systemd(self, units):
        done = subprocess.run(
            ["systemd-analyze", "verify", "--man=no", *(units / unit.name for unit in UNITS)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip

        assert (done.returncode, [line for line in done.stderr.splitlines() if "waymark" in line]) == (0, [])

    def test_may_do_no_more_than_they_need(self, units):
        command = ["systemd-analyze", "security", "--offline=yes", "--threshold=15", "--no-pager"]
        exposed = [
            unit.name
            for unit in units.glob("*.service")
            if subprocess.run([*command, unit], capture_output=True, check=False).returncode
        ]

        assert exposed == []

    def test_have_separate_ports_and_are_restarted(self):
        ports = []
        for name in ("public", "private", "worker", "scheduler"):
            text = (SYSTEMD / f"waymark-{name}.service").read_text()
            ports += re.findall(r"PORT=(\d+)", text)
            assert "Restart=always" in text
            assert "WatchdogSec=" in text
            assert f"container.sh {name}\n" in text
        assert len(ports) == len(set(ports)) == 6


def said_by(program: str, command: list[str | Path], folder: Path, **environment: str) -> list[str]:
    """Return the arguments with which a script calls a program, here one that prints them.

    The script ends with `exec` of that program.
    """
    (folder / program).write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    (folder / program).chmod(0o755)
    path = f"{folder}:{os.environ['PATH']}"
    done = subprocess.run(command, env={"PATH": path, **environment}, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


@pytest.mark.process
class TestOnAServer:
    """The commands for Debian in docs/operators/first-steps.md, and the files that it copies."""

    def test_the_web_processes_listen_to_this_machine_unless_they_are_in_a_container(self, tmp_path):
        start = [ROOT / "scripts/container.sh", "public"]

        here = said_by("granian", start, tmp_path)
        there = said_by("granian", start, tmp_path, HOST="192.0.2.1")

        assert here[here.index("--host") + 1] == "127.0.0.1"
        assert there[there.index("--host") + 1] == "192.0.2.1"
        assert " HOST=0.0.0.0 " in (ROOT / "Dockerfile").read_text()

    def test_a_command_has_what_the_units_have_and_is_of_the_version_whose_folder_it_is_in(self, tmp_path):
        project = tmp_path / "waymark-2026-12"
        (project / "scripts").mkdir(parents=True)
        (project / "static").mkdir()
        shutil.copy(ROOT / "scripts/waymark", project / "scripts/waymark")
        (tmp_path / "current").symlink_to(project)
        (tmp_path / "waymark").symlink_to(tmp_path / "current/scripts/waymark")

        said = said_by("systemd-run", [tmp_path / "waymark", "doctor", "--json"], tmp_path)

        assert said[-4:] == [f"{project}/.venv/bin/python", "manage.py", "doctor", "--json"]
        assert f"--working-directory={project}" in said
        unit = (SYSTEMD / "waymark-backup.service").read_text().replace("/opt/waymark", str(project))
        told = dict(line.removeprefix("--setenv=").split("=", 1) for line in said if line.startswith("--setenv="))
        given = " ".join(re.findall(r"^Environment=([^\"\n]+)$", unit, re.MULTILINE))
        assert told == dict(each.split("=", 1) for each in given.split())
        properties = {line.removeprefix("--property=") for line in said if line.startswith("--property=")}
        assert properties - set(unit.splitlines()) == {"StateDirectory=waymark"}

    def test_relief_stands_in_for_both_sites(self):
        relief = (SYSTEMD / "waymark-relief.service").read_text()
        nginx = (OPERATORS / "nginx.conf").read_text()

        [port] = re.findall(r"=PORT=(\d+)", relief)
        assert len(re.findall(rf"server 127\.0\.0\.1:{port} max_fails=0.* backup;", nginx)) == 2
        assert "container.sh web\n" in relief
        assert "[Install]" not in relief  # not after a restart of the machine

    def test_the_guide_calls_existing_commands(self):
        guides = [OPERATORS / name for name in ("first-steps.md", "upgrading.md", "backups.md")]
        blocks = "".join("".join(re.findall(r"```sh\n(.*?)```", file.read_text(), re.DOTALL)) for file in guides)

        called = set(re.findall(r"(?:^|&& )(?:scripts/)?waymark ([a-z_]+)", blocks, re.MULTILINE))
        assert {"upgrade", "doctor", "restore", "first_administrator"} <= called <= get_commands().keys()
        units = set(
            re.findall(
                r"\b(waymark-(?:public|private|worker|scheduler|analytics|relief|backup)(?:\.timer)?)\b",
                blocks,
            )
        )
        assert all((SYSTEMD / (unit if unit.endswith(".timer") else f"{unit}.service")).exists() for unit in units)
        assert "waymark-relief" in units
        subprocess.run(["sh", "-n"], input=blocks, text=True, check=True)
        assert re.search(r"^server:", (ROOT / "Makefile").read_text(), re.MULTILINE)


def manifests() -> Iterator[tuple[str, dict[str, Any]]]:
    for file in sorted(KUBERNETES.glob("*.yaml")):
        if file.name != "kustomization.yaml":
            for made in yaml.safe_load_all(file.read_text()):
                yield f"{made['kind']} {made['metadata']['name']}", made


def pods() -> dict[str, dict[str, Any]]:
    found = {}
    for _name, made in manifests():
        if made["kind"] in {"Deployment", "Job", "CronJob"}:
            spec = made["spec"]["jobTemplate"]["spec"] if made["kind"] == "CronJob" else made["spec"]
            found[made["metadata"]["name"]] = spec["template"]["spec"]
    return found


# The secrets that a process of the public site has.
OWN = {"DATABASE_URL", "PGPASSWORD", "WAYMARK_REPLICA_URL"}
SECRET = {each.name for each in variables.VARIABLES if each.is_secret} | {"PGPASSWORD"}


class TestLeastPrivilege:
    """Who breaks into the public site can write nothing, has no secret of the others, and gets nowhere else."""

    def test_in_containers(self):
        public, others = compose()["services"]["public"], compose()["services"].keys() - {"public", "database"}
        volumes, networks = public["volumes"], compose()["networks"]

        assert {each["volume"]["subpath"] for each in volumes} == {"prerender", "static"}
        assert all(each["read_only"] is True for each in volumes)
        assert public["read_only"] is True
        assert public["environment"].keys() & SECRET == OWN
        assert public["environment"]["DATABASE_URL"] == "postgres://waymark_public@database/waymark"
        assert public["environment"]["PGPASSWORD"] != compose()["services"]["private"]["environment"]["PGPASSWORD"]
        assert networks["database"]["internal"] is True
        assert set(public["networks"]) == {"database", "published"}
        assert networks["published"]["driver_opts"]["com.docker.network.bridge.enable_ip_masquerade"] == "false"
        signing = {
            each for each in others if "WAYMARK_BACKUP_SIGNING_KEY" in compose()["services"][each]["environment"]
        }
        assert signing == {"backup"}

    def test_in_services(self):
        unit = (SYSTEMD / "waymark-public.service").read_text()
        directives = set(unit.splitlines())

        assert {
            "User=waymark_public", "ProtectSystem=strict", "TemporaryFileSystem=/var/lib/waymark:ro",
            "BindReadOnlyPaths=-/var/lib/waymark/prerender -/var/lib/waymark/static", "IPAddressDeny=any",
            "IPAddressAllow=localhost",
        } <= directives  # fmt: skip
        assert not re.search(
            r"^(StateDirectory|ReadWritePaths|BindPaths|CacheDirectory|LogsDirectory)=", unit, re.MULTILINE
        )
        assert set(re.findall(r"^EnvironmentFile=-?(.*)$", unit, re.MULTILINE)) == {
            "/etc/waymark/environment",
            "/etc/waymark/public",
        }
        with_key = {each.name for each in SYSTEMD.glob("*.service") if "/etc/waymark/backup" in each.read_text()}
        assert with_key == {"waymark-backup.service"}

    def test_in_pods(self):
        [container] = pods()["public"]["containers"]
        mounts = {each["mountPath"]: each for each in container["volumeMounts"] if each["name"] != "tmp"}

        assert mounts.keys() == {"/var/lib/waymark/prerender", "/var/lib/waymark/static"}
        assert all(each["readOnly"] is True for each in mounts.values())
        assert container["envFrom"] == [
            {"configMapRef": {"name": "waymark"}},
            {"secretRef": {"name": "waymark-public"}},
        ]
        assert dict(manifests())["Secret waymark-public"]["stringData"].keys() <= OWN
        assert dict(manifests())["ConfigMap waymark"]["data"].keys() & SECRET == set()
        keys = {name for name, pod in pods().items() if "waymark-backup" in json.dumps(pod)}
        assert keys == {"backup"}

    def test_lets_each_pod_connect_only_where_it_has_to(self):
        out: dict[str, set[int]] = {name: set() for name in pods()}
        for name, made in manifests():
            if name.startswith("NetworkPolicy") and "Egress" in made["spec"]["policyTypes"]:
                for component in selected(made["spec"]["podSelector"], out):
                    out[component] |= {port["port"] for rule in made["spec"]["egress"] for port in rule["ports"]}

        assert out == {
            "public": {53, 5432},
            "private": {53, 5432, 443},
            "worker": {53, 5432, 443, 80, 587, 25},
            "scheduler": {53, 5432, 443, 587, 25},
            "set-up": {53, 5432, 443},
            "backup": {53, 5432, 443},
        }

    def test_separates_secrets_with_the_command_of_the_guide(self):
        [pattern] = re.findall(r"^SECRETS='(.*)'$", (OPERATORS / "first-steps.md").read_text(), re.MULTILINE)

        found = {each.name for each in variables.VARIABLES if re.match(pattern, f"{each.name}=x")}

        assert found == {each.name for each in variables.VARIABLES if each.is_private}


def selected(selector: dict[str, Any], components: Iterable[str]) -> set[str]:
    """Return the components that the selector of a network policy matches."""
    wanted = selector["matchLabels"].get("component")
    listed = [each["values"] for each in selector.get("matchExpressions", ()) if each["key"] == "component"]
    return {each for each in components if wanted in {None, each} and all(each in values for values in listed)}


class TestManifests:
    @pytest.mark.filterwarnings("ignore")
    def test_match_the_schemas_of_kubernetes(self):
        for _name, made in manifests():
            kubernetes_validate.validate(made, kubernetes_validate.latest_version(), strict=True)

    def test_a_misspelt_field_would_be_found(self):
        _name, made = next(each for each in manifests() if each[1]["kind"] == "Deployment")
        made["spec"]["replica"] = 2

        with pytest.raises(kubernetes_validate.ValidationError):
            kubernetes_validate.validate(made, kubernetes_validate.latest_version(), strict=True)

    def test_are_all_in_the_base_but_the_secret(self):
        base = yaml.safe_load((KUBERNETES / "kustomization.yaml").read_text())

        assert set(base["resources"]) | {"kustomization.yaml", "secret.example.yaml"} == {
            file.name for file in KUBERNETES.iterdir()
        }

    def test_run_each_process_with_no_right_that_it_does_not_need(self):
        assert pods().keys() == {"public", "private", "worker", "scheduler", "set-up", "backup"}
        for pod in pods().values():
            [container] = pod["containers"]
            secure = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
            assert pod["securityContext"].items() >= secure.items()
            assert pod["automountServiceAccountToken"] is False
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]},
            }  # fmt: skip
            assert {"configMapRef": {"name": "waymark"}} in container["envFrom"]

    def test_probe_each_process(self):
        for name, pod in pods().items():
            [container] = pod["containers"]
            if name not in {"set-up", "backup"}:
                assert container["livenessProbe"]["httpGet"] == {"path": "/healthz", "port": "health"}
                assert container["readinessProbe"]["httpGet"] == {"path": "/readyz", "port": "health"}
                assert {"name": "health", "containerPort": 8010} in container["ports"]

    def test_make_a_backup_each_night_one_at_a_time(self):
        made = dict(manifests())["CronJob backup"]["spec"]

        assert made["concurrencyPolicy"] == "Forbid"
        assert re.fullmatch(r"\d+ \d+ \* \* \*", made["schedule"])
        assert pods()["backup"]["containers"][0]["args"] == ["backup"]
        volume = {"name": "var", "persistentVolumeClaim": {"claimName": "waymark"}}
        assert volume in pods()["backup"]["volumes"]

    def test_have_one_scheduler_and_keep_a_site_open_while_nodes_are_emptied(self):
        found = dict(manifests())

        assert found["Deployment scheduler"]["spec"]["strategy"] == {"type": "Recreate"}
        assert found["Deployment scheduler"]["spec"]["replicas"] == 1
        for host in ("public", "private"):
            assert found[f"PodDisruptionBudget {host}"]["spec"]["minAvailable"] == 1
            assert found[f"Deployment {host}"]["spec"]["replicas"] == 2


@pytest.fixture
def vulnerabilities() -> Iterator[dict[str, Any]]:
    """A database of vulnerabilities in the format of osv.dev.

    `in` names the vulnerable package, `asked` the packages in the requests.
    """
    told: dict[str, Any] = {"in": "", "asked": []}
    hole = {"id": "GHSA-0000-0000-0000", "modified": "2026-01-01T00:00:00Z"}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["queries"]
            names = [query["package"]["name"] for query in asked]
            told["asked"] += names
            self.reply({"results": [{"vulns": [hole]} if name == told["in"] else {} for name in names]})

        def do_GET(self) -> None:
            package = {"name": told["in"], "ecosystem": "PyPI"}
            ranges = [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}]
            self.reply({**hole, "summary": "A hole", "affected": [{"package": package, "ranges": ranges}]})

        def reply(self, answer: dict[str, Any]) -> None:
            body = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    told["url"] = f"http://127.0.0.1:{server.server_port}/"
    yield told
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.process
class TestAudit:
    def audit(self, url: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["make", "--no-print-directory", "audit", "ADVISORIES=", f"ARGS=--service-url {url}"],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip

    def test_fails_for_a_known_vulnerability_of_a_server_dependency(self, vulnerabilities):
        vulnerabilities["in"] = "wagtail"

        done = self.audit(vulnerabilities["url"])

        assert done.returncode != 0
        assert "GHSA-0000-0000-0000" in done.stdout + done.stderr

    def test_passes_otherwise_and_skips_development_dependencies(self, vulnerabilities):
        done = self.audit(vulnerabilities["url"])

        assert done.returncode == 0, done.stdout + done.stderr
        assert {"django", "wagtail", "boto3"} <= set(vulnerabilities["asked"])
        assert "pytest" not in vulnerabilities["asked"]
