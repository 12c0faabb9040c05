"""Writes h5py_kinds.h5: the ways in which other programs store what ringfence reads.

    python3 tests/golden/h5py_kinds.py tests/golden/h5py_kinds.h5
"""
import sys

import h5py
import numpy as np

with h5py.File(sys.argv[1], "w", libver="earliest") as f:
    f.attrs["format"] = "ringfence-graph"
    f.attrs["version"] = np.int32(1)
    f.attrs["fixed"] = np.bytes_(b"short")
    f.attrs["sizes"] = np.array([3, 4, 5], dtype="u2")
    f.attrs["whole"] = np.float32(7)
    f.attrs["rate"] = np.float32(0.25)
    f.attrs["empty"] = ""
    f["vlen"] = np.array(["alpha", "", "Zürich"], dtype=h5py.string_dtype("utf-8"))
    f["ascii"] = np.array([b"a", b"bc", b"abc"], dtype="S3")
    f["fixed_utf8"] = np.array(["é".encode(), b"e"], dtype=h5py.string_dtype("utf-8", 4))
    tid = h5py.h5t.C_S1.copy()
    tid.set_size(5)
    tid.set_strpad(h5py.h5t.STR_SPACEPAD)
    space = h5py.h5s.create_simple((2,))
    dataset = h5py.h5d.create(f.id, b"padded", tid, space)
    dataset.write(space, space, np.array([b"ab   ", b" c   "], dtype="S5"), mtype=tid)
    f["flags"] = np.array([True, False, True])
    f["big_endian"] = np.arange(6, dtype=">i8").reshape(2, 3)
    f["doubles"] = np.array([1.5, -2.25, 3.0])
    f["negative"] = np.array([1, -1])
    f["fractions"] = np.array([1.0, 2.5])
    f.create_dataset("chunked", data=np.arange(1000, dtype="f4").reshape(100, 10), chunks=(7, 10), compression="gzip")
    f["scalar"] = 42
    f["five"] = np.zeros((1, 1, 1, 1, 1))
    f["pairs"] = np.zeros(2, dtype=[("a", "i4"), ("b", "f4")])
    f["dangling"] = h5py.SoftLink("/nothing")
    f.create_group("group/inner")
