"""What bench_peers.py runs: environments from PyPI, and the class path of this project's benchmarks."""

import pathlib
import subprocess
import sys
import xml.etree.ElementTree

ROOT = pathlib.Path(__file__).resolve().parents[3]
SHARED = ["torchvision", "numpy", "safetensors", "pillow"]  # beside torch, with which they go
PACKAGES = {
    "hugging_face": ["transformers"],
    "lavis": ["transformers==4.33.2", "timm==0.4.12", "einops", "omegaconf", "iopath", "pandas", "webdataset", "sentencepiece",
        "opencv-python-headless"],
}


def torch_version():
    """The version of libtorch that the bindings have: `2.13.0-1.5.14` is 2.13.0."""
    pom = xml.etree.ElementTree.parse(ROOT / "pom.xml").getroot()
    version = pom.find("{*}properties/{*}pytorch.version")
    if version is None:
        raise SystemExit(f"expected the property pytorch.version in {ROOT / 'pom.xml'}, found none")
    return version.text.split("-")[0]


def say(text):
    print(text, file=sys.stderr, flush=True)


def python_of(folder):
    return folder / "bin/python"


def site_packages(folder):
    command = [python_of(folder), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def install(folder, packages):
    """An environment with these packages, made if it is not there; what it was made of is noted in it."""
    note = folder / "packages.txt"
    wanted = "\n".join(packages)
    if note.exists() and note.read_text() == wanted:
        return
    say(f"making {folder} from PyPI: {', '.join(packages)}")
    if not python_of(folder).exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        if folder.name != "torch":
            (pathlib.Path(site_packages(folder)) / "torch.pth").write_text(site_packages(folder.parent / "torch"))
    subprocess.run([python_of(folder), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages], check=True)
    note.write_text(wanted)


def environments(folder, peers):
    """Pythons by peer. PyPI's torch brings several GB of CUDA, so that all share one of it."""
    torch = f"torch=={torch_version()}"
    install(folder / "torch", [torch, *SHARED])
    for peer in peers:
        install(folder / peer, [torch, *PACKAGES[peer]])
    return {peer: python_of(folder / peer) for peer in peers}


def class_path(file):
    """Compiles the benchmarks and asks Maven for their class path."""
    say("compiling the benchmarks with Maven")
    command = ["mvn", "-q", "-B", "-Pjmh", "compile", "dependency:build-classpath", f"-Dmdep.outputFile={file}"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if found.returncode:
        raise SystemExit(f"{' '.join(command)} failed; without -q it says more:\n{found.stdout[-2000:]}{found.stderr[-2000:]}")
    return f"{ROOT}/target/jmh/classes:{file.read_text()}"
