"""Loads with PyTorch what the checkpoint writer wrote, and compares it with the reference files it was read from.

Run the Java tests first; they leave their files in target/written-checkpoints:

    mvn test -Dtest='Checkpoint*,SafeTensors*'
    python src/test/python/check_checkpoint.py [target/written-checkpoints [src/test/resources/golden]]

Every .pth file is loaded with weights_only=True, with and without mmap, and must equal the reference file of the same
name as PyTorch loads it: types, order, values, dtypes, shapes, strides, bits, and which tensors overlap which.
every_value.pth and every_dtype.safetensors are compared with the values listed here. Needs torch, safetensors and
numpy; prints the versions. Exit status 1 on any difference.
"""

import collections
import pathlib
import sys

import numpy
import safetensors
import safetensors.torch
import torch

DTYPES = [
    torch.float64, torch.float32, torch.float16, torch.bfloat16,
    torch.float8_e4m3fn, torch.float8_e4m3fnuz, torch.float8_e5m2, torch.float8_e5m2fnuz, torch.float8_e8m0fnu,
    torch.int64, torch.int32, torch.int16, torch.int8, torch.uint64, torch.uint32, torch.uint16, torch.uint8,
    torch.bool,
]  # fmt: skip


def bits(tensor):
    return tensor.detach().contiguous().reshape(-1).view(torch.uint8)


def extent(tensor):
    """First byte and the byte after the last one of the memory that a tensor reaches."""
    last = sum((size - 1) * stride for size, stride in zip(tensor.shape, tensor.stride()))
    return tensor.data_ptr(), tensor.data_ptr() + (last + 1) * tensor.element_size()


def sharing(tensors):
    """For each tensor the first that it overlaps, and the distance of their first elements."""
    extents = [(path, *extent(tensor)) for path, tensor in tensors if tensor.numel()]
    return [
        next((path, other, begin - b) for other, b, e in extents if begin < e and b < end)
        for path, begin, end in extents
    ]


def compare(path, actual, expected, tensors):
    """Raises AssertionError at the first difference; collects pairs of tensors."""
    if isinstance(expected, torch.Tensor):
        assert isinstance(actual, torch.Tensor), (path, type(actual))
        for name in ("dtype", "shape", "requires_grad"):
            assert getattr(actual, name) == getattr(expected, name), (path, name)
        assert actual.stride() == expected.stride(), (path, actual.stride(), expected.stride())
        assert torch.equal(bits(actual), bits(expected)), (path, "bits")
        tensors.append((path, actual, expected))
        return
    assert type(actual) is type(expected), (path, type(actual), type(expected))
    if isinstance(expected, dict):
        assert list(actual) == list(expected), (path, list(actual), list(expected))
        assert [type(k) for k in actual] == [type(k) for k in expected], path
        for key in expected:
            compare(f"{path}/{key}", actual[key], expected[key], tensors)
    elif isinstance(expected, (list, tuple)):
        assert len(actual) == len(expected), path
        for i, (a, e) in enumerate(zip(actual, expected)):
            compare(f"{path}/{i}", a, e, tensors)
    else:
        assert repr(actual) == repr(expected) if isinstance(expected, float) else actual == expected, (path, actual)


def every_value():
    six = torch.arange(6).view(2, 3)
    tensors = {str(dtype).removeprefix("torch."): six.to(dtype) for dtype in DTYPES}
    tensors["requires_grad"] = torch.ones(2, requires_grad=True)
    return {
        "none": None,
        "flags": [True, False],
        "integers": [0, 255, 256, -1, -129, 1 << 31, -(1 << 63), 1 << 64],
        "numbers": [1e-5, -0.0, float("inf")],
        "text": ["", "naïve 東京", "text"],
        "bytes": b"\x00\x01\xff",
        "tuple": (1, None, ()),
        "set": {"a", 1},
        "dtype": torch.bfloat16,
        7: collections.OrderedDict({0: "int keys"}),
        ("a", 1): "tuple key",
        "tensors": tensors,
    }


def every_dtype():
    six = torch.arange(6).view(2, 3)
    tensors = {str(dtype).removeprefix("torch."): six.to(dtype) for dtype in DTYPES}
    return tensors | {
        "transposed": six.t().contiguous(),
        "scalar": torch.tensor(1.0),
        "empty": torch.empty(0, 4),
        "naïve 東京": torch.ones(1),
    }


def check_pth(file, expected):
    for mmap in (False, True):
        tensors = []
        compare("", torch.load(file, weights_only=True, mmap=mmap), expected, tensors)
        assert sharing([(p, a) for p, a, _ in tensors]) == sharing([(p, e) for p, _, e in tensors]), "sharing"
        print(f"ok  {file}  mmap={mmap}  {len(tensors)} tensors")


def check_safetensors(file, expected):
    with safetensors.safe_open(file, "pt") as opened:
        assert opened.metadata() == {"format": "pt"}, opened.metadata()
    actual = safetensors.torch.load_file(file)
    tensors = []
    compare("", {name: actual[name] for name in expected}, expected, tensors)
    assert actual.keys() == expected.keys()
    print(f"ok  {file}  {len(tensors)} tensors")


def main():
    written = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "target/written-checkpoints")
    golden = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else "src/test/resources/golden")
    print(f"torch {torch.__version__}, safetensors {safetensors.__version__}, numpy {numpy.__version__}")
    files = sorted(written.glob("*/*.pth"))
    if not files:
        sys.exit(f"no files in {written}: run the Java tests first")
    for file in files:
        check_pth(file, torch.load(golden / file.relative_to(written), weights_only=True))
    check_pth(written / "every_value.pth", every_value())
    check_safetensors(written / "every_dtype.safetensors", every_dtype())


if __name__ == "__main__":
    main()
