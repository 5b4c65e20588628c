"""Fetches METEOR 1.5 and its English paraphrase table from the wheel of pycocoevalcap 1.2 on PyPI (104 MB) into a folder.

    python src/test/python/fetch_meteor.py FOLDER

Makes FOLDER/meteor-1.5.jar and FOLDER/data/paraphrase-en.gz. Then `score --meteor-data FOLDER` reads the tables,
`score --meteor-jar FOLDER/meteor-1.5.jar` runs the program, and

    mvn -q test -Dtest='Meteor*ParityTest' -Dmeteor.data=FOLDER -Dmeteor.jar=FOLDER/meteor-1.5.jar

checks both against the reference scores. METEOR is LGPL 2.1, its WordNet data have Princeton's licence; neither is part
of this project. Files that are there already, whole, are kept.
"""

import hashlib
import pathlib
import subprocess
import sys
import tempfile
import zipfile

PACKAGE = "pycocoevalcap==1.2"
FILES = {
    "meteor-1.5.jar": "1e57b4c72c0830ebe68558f1c799a624e96cbc1b6045c9f6330e26dcff6eafc2",
    "data/paraphrase-en.gz": "c147ac7d2c91f2fbb3ad31e4b352235061eb83145e0434daf217ee9ca5975f48",
}


def checksum(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


def main():
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    folder = pathlib.Path(sys.argv[1])
    missing = [name for name, sha in FILES.items() if not (folder / name).is_file() or checksum(folder / name) != sha]
    if missing:
        with tempfile.TemporaryDirectory() as download:
            command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
            subprocess.run([*command, "--dest", download, PACKAGE], check=True)
            (wheel,) = pathlib.Path(download).glob("*.whl")
            with zipfile.ZipFile(wheel) as archive:
                for name in missing:
                    target = folder / name
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_bytes(archive.read("pycocoevalcap/meteor/" + name))
                    if checksum(target) != FILES[name]:
                        sys.exit(f"{target} is not the file that this was written for (SHA-256 {checksum(target)})")
    for name in FILES:
        print(folder / name)


if __name__ == "__main__":
    main()
