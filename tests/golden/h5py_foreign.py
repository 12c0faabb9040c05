"""Writes what other programs can store: files that lead out of themselves or claim too much, which ringfence
refuses, and the forms of groups and attributes that it reads.

    python3 tests/golden/h5py_foreign.py tests/golden/foreign
"""
import sys

import h5py
import numpy as np


def make(name, libver, fill):
    with h5py.File(f"{sys.argv[1]}/{name}.h5", "w", libver=libver) as f:
        f.attrs["format"] = "ringfence-graph"
        f.attrs["version"] = 1
        fill(f)


def scale_offset(f):
    f.create_dataset("u/x", data=np.arange(8), chunks=(8,), scaleoffset=0)


def lzf(f):
    f.create_dataset("u/x", data=np.arange(8), chunks=(8,), compression="lzf")


def external_storage(f):
    f.create_dataset("u/x", shape=(4,), dtype="u1", external=[("/etc/passwd", 0, 4)])


def virtual(f):
    layout = h5py.VirtualLayout(shape=(4,), dtype="f4")
    layout[:] = h5py.VirtualSource("elsewhere.h5", "x", shape=(4,))
    f.create_virtual_dataset("u/x", layout)


def external_link(f):
    f["u/x"] = h5py.ExternalLink("elsewhere.h5", "/x")


def deep(f):
    f.create_group("/".join(["a"] * 80))


def named_type(f):
    f["kind"] = np.dtype("f4")
    f.create_dataset("u/x", data=np.zeros(3, "f4"), dtype=f["kind"])


def huge(f):
    f.create_dataset("u/x", shape=(2**60,), dtype="f4")


def huge_chunks(f):
    f.create_dataset("u/x", shape=(2**40,), dtype="f4", chunks=(1000,), compression="gzip")


def huge_chunk(f):
    f.create_dataset("u/x", shape=(3,), dtype="f4", maxshape=(None,), chunks=(2**28,))


def unwritten_chunks(f):
    dataset = f.create_dataset("u/x", shape=(1_500_000,), dtype="f4", chunks=(1000,), compression="gzip")
    dataset[0] = 1


def text_of_text(f):
    f.create_dataset("u/x", data=np.array([(1, "a")], dtype=[("n", "i4"), ("t", h5py.string_dtype())]))


def many(f):
    """More members and attributes than stay in a header, also below the root, and a group of two names."""
    for i in range(60):
        f[f"u/name_{i * 7919}"] = np.arange(i % 3, dtype="f4")
    for i in range(12):
        f.attrs[f"note_{i}"] = f"text {i}"
        f["u"].attrs[f"number_{i}"] = i
    f["same"] = f["u"]
    f["soft"] = h5py.SoftLink("/u/name_0")
    f["u/id"] = np.array(["alpha", "", "beta"], dtype=h5py.string_dtype())
    f.create_dataset("v/x", data=np.arange(500.0), chunks=(5,), compression="gzip", shuffle=True, fletcher32=True)
    f.create_dataset("v/y", data=np.arange(12, dtype="u1").reshape(4, 3), chunks=(2, 2))
    f.create_dataset("v/none", shape=(0, 3), maxshape=(None, 3), dtype="f4")
    f.create_dataset("v/unwritten", shape=(5,), dtype="f4")
    f["v/pair"] = np.zeros(2, dtype=[("a", "i4"), ("b", "f4", (2,)), ("c", "S3")])
    f["v/answer"] = np.array([1, 0], dtype=h5py.enum_dtype({"no": 0, "yes": 1}, basetype="u1"))


for refused in (scale_offset, lzf, external_storage, virtual, external_link, named_type, huge, huge_chunks, huge_chunk, unwritten_chunks,
                text_of_text):
    make(refused.__name__, "earliest", refused)
make("deep", "v108", deep)
make("newest", "latest", lambda f: f.create_dataset("u/x", data=np.arange(4.0)))
make("oldest_form", "earliest", many)
make("dense_form", "v108", many)
