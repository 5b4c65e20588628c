"""Makes tar shards, or references, of a folder of images and their captions in COCO's form.

    python src/test/python/caption_shards.py IMAGES CAPTIONS.json FOLDER
    python src/test/python/caption_shards.py --references IMAGES CAPTIONS.json FILE

CAPTIONS.json holds "images" with "id" and "file_name", and "annotations" with "image_id" and "caption". The first command
makes FOLDER/00000.tar and so on for training: one sample for each caption, 1,000 in a shard, in an order drawn once. The
second makes a JSON object of image, IMAGES/file_name, to its captions, for `score --id-key image`.
"""

import io
import json
import pathlib
import random
import sys
import tarfile

SAMPLES = 1000


def captions(images, file):
    """Pairs of an image's path and a caption; an image that a caption names has to be there."""
    try:
        coco = json.loads(pathlib.Path(file).read_bytes())
        names = {image["id"]: image["file_name"] for image in coco["images"]}
        pairs = [(pathlib.Path(images) / names[a["image_id"]], a["caption"]) for a in coco["annotations"]]
    except (OSError, ValueError) as e:
        sys.exit(f"{file} cannot be read: {e}; expected JSON in UTF-8")
    except (KeyError, TypeError) as e:
        sys.exit(f'{file}: expected "images" and "annotations" in COCO\'s form, each image_id of an image; got {e!r}')
    missing = sorted({str(path) for path, _ in pairs if not path.is_file()})
    if missing or not pairs:
        sys.exit(f"{len(pairs)} captions in {file}, {len(missing)} images are not there: {missing[:3]}")
    return pairs


def add(tar, name, content):
    member = tarfile.TarInfo(name)
    member.size = len(content)
    tar.addfile(member, io.BytesIO(content))


def write_shards(pairs, folder):
    random.Random(0).shuffle(pairs)
    folder.mkdir(parents=True, exist_ok=True)
    for start in range(0, len(pairs), SAMPLES):
        path = folder / f"{start // SAMPLES:05d}.tar"
        with tarfile.open(path, "w") as tar:
            for number, (image, caption) in enumerate(pairs[start : start + SAMPLES], start):
                add(tar, f"{number:09d}{image.suffix.lower()}", image.read_bytes())  # a key has no dot
                add(tar, f"{number:09d}.txt", caption.encode())
        print(path)


def write_references(pairs, file):
    references = {}
    for image, caption in pairs:
        references.setdefault(str(image), []).append(caption)
    file.write_text(json.dumps(references), encoding="utf-8")
    print(file)


def main():
    arguments = sys.argv[1:]
    references = arguments[:1] == ["--references"]
    if len(arguments) != 3 + references or arguments[references].startswith("-"):
        sys.exit(__doc__)
    images, file, target = arguments[references:]
    write = write_references if references else write_shards
    write(captions(images, file), pathlib.Path(target))


if __name__ == "__main__":
    main()
