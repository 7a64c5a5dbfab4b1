"""What both peer scripts need: the bench's matrix file, and what the process says of itself."""

import importlib.metadata
import re

import numpy as np
import scipy.sparse
from threadpoolctl import threadpool_info


def read_csr(path):
    """The matrix that test/bench/matrix-file.ts wrote: rows, columns, indptr, indices, values; all little-endian."""
    with open(path, "rb") as file:
        rows, columns, entries = (int(n) for n in np.fromfile(file, "<u4", 3))
        indptr = np.fromfile(file, "<i4", rows + 1)
        indices = np.fromfile(file, "<i4", entries)
        values = np.fromfile(file, "<f4", entries)
    return scipy.sparse.csr_matrix((values, indices, indptr), shape=(rows, columns))


def identity():
    """The version and the OpenBLAS kernels in use, NumPy's copy and SciPy's (where implicit's solver calls)."""
    kernel_types = {blas["architecture"] for blas in threadpool_info() if blas["user_api"] == "blas"}
    # OpenBLAS has one set of kernels for its oldest types and names it by the first of them.
    kernel_types = {"Prescott" if name == "Katmai" else name for name in kernel_types}
    return {
        "version": importlib.metadata.version("implicit"),
        "kernelType": "+".join(sorted(kernel_types)),
    }


def peak_bytes():
    """Peak resident memory of this process, or None where the system does not say (no /proc)."""
    # Not getrusage: a child's ru_maxrss starts at its parent's.
    try:
        with open("/proc/self/status") as status:
            return int(re.search(r"VmHWM:\s+(\d+) kB", status.read())[1]) * 1024
    except (OSError, TypeError):
        return None
